package io.tlsfleet.scanner.scan;

import io.tlsfleet.tls.PeerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An nginx by its settings, to be drawn at random and changed in one of them. Certificates come from {@link #prepare}. */
record NginxSettings(
        List<String> versions,
        List<String> ciphers,
        List<String> groups,
        List<String> keys,
        boolean serverOrder,
        boolean staple,
        boolean http2,
        String verify,
        boolean tickets,
        int ticketKey) {
    private static final List<String> CIPHERS = List.of(
            "ECDHE-ECDSA-AES128-GCM-SHA256",
            "ECDHE-RSA-AES128-GCM-SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
            "ECDHE-RSA-AES256-GCM-SHA384",
            "ECDHE-ECDSA-CHACHA20-POLY1305",
            "ECDHE-RSA-CHACHA20-POLY1305");
    private static final List<String> WEAKER = List.of(
            "AES128-GCM-SHA256",
            "AES256-SHA",
            "AES128-SHA256",
            "ECDHE-RSA-AES128-SHA",
            "ECDHE-RSA-AES256-SHA384",
            "CAMELLIA128-SHA",
            "AES128-CCM8",
            "NULL-SHA256",
            "ECDHE-RSA-NULL-SHA",
            "ARIA128-GCM-SHA256");
    private static final List<String> GROUPS = List.of("X25519", "prime256v1", "secp384r1", "secp521r1", "X448");

    /** Mozilla's intermediate profile, both kinds of key, varied. */
    static NginxSettings drawn(Random random) {
        List<String> groups = new ArrayList<>(List.of("prime256v1"));
        GROUPS.stream()
                .filter(g -> !groups.contains(g) && random.nextInt(3) > 0)
                .forEach(groups::add);
        List<String> keys = switch (random.nextInt(4)) {
            case 0 -> List.of("rsa");
            case 1 -> List.of("ec");
            default -> List.of("rsa", "ec");
        };
        List<String> ciphers = new ArrayList<>(CIPHERS);
        while (ciphers.size() > 4 && random.nextBoolean()) {
            ciphers.remove(random.nextInt(ciphers.size()));
        }
        return new NginxSettings(
                random.nextInt(4) == 0 ? List.of("TLSv1.2") : List.of("TLSv1.2", "TLSv1.3"),
                ciphers,
                groups,
                keys,
                random.nextBoolean(),
                random.nextBoolean(),
                random.nextBoolean(),
                List.of("off", "on", "optional").get(random.nextInt(3)),
                random.nextBoolean(),
                1);
    }

    /** One setting changed; {@code weaker} is whether an operator must hear of it at once. */
    record Mutation(String name, NginxSettings settings, boolean weaker) {}

    Mutation mutated(Random random) {
        while (true) {
            switch (random.nextInt(16)) {
                case 0, 1 -> {
                    String more = pick(WEAKER, random);
                    boolean usable = keys.contains("rsa");
                    if (usable) {
                        return new Mutation("suite " + more + " added", withCiphers(plus(ciphers, more)), true);
                    }
                }
                case 2 -> {
                    // the last one left for a key would take the certificate with it
                    if (ciphers.size() > 3) {
                        String gone = pick(ciphers, random);
                        return new Mutation("suite " + gone + " removed", withCiphers(minus(ciphers, gone)), false);
                    }
                }
                case 3, 4 -> {
                    String old = random.nextBoolean() ? "TLSv1" : "TLSv1.1";
                    if (keys.contains("rsa") || ciphers.stream().anyMatch(c -> c.contains("SHA"))) {
                        NginxSettings with = withVersions(plus(versions, old))
                                .withCiphers(plus(
                                        ciphers,
                                        keys.contains("rsa") ? "ECDHE-RSA-AES128-SHA" : "ECDHE-ECDSA-AES128-SHA"));
                        return new Mutation("version " + old + " added", with, true);
                    }
                }
                case 5 -> {
                    if (versions.contains("TLSv1.3")) {
                        return new Mutation("TLSv1.3 removed", withVersions(List.of("TLSv1.2")), true);
                    }
                    return new Mutation("TLSv1.3 added", withVersions(plus(versions, "TLSv1.3")), false);
                }
                case 6 -> {
                    String more = pick(GROUPS, random);
                    if (!groups.contains(more)) {
                        return new Mutation("group " + more + " added", withGroups(plus(groups, more)), true);
                    }
                }
                case 7 -> {
                    if (groups.size() > 1) {
                        String gone = pick(groups.subList(1, groups.size()), random);
                        return new Mutation("group " + gone + " removed", withGroups(minus(groups, gone)), false);
                    }
                }
                case 8, 9 -> {
                    String key = pick(keys, random);
                    List<String> other = new ArrayList<>(keys);
                    other.replaceAll(k -> k.equals(key) ? key + "2" : k);
                    return new Mutation("leaf " + key + " replaced", withKeys(other), true);
                }
                case 10 -> {
                    if (keys.size() == 2) {
                        String gone = pick(keys, random);
                        return new Mutation("key " + gone + " removed", withKeys(minus(keys, gone)), true);
                    }
                    String more = keys.contains("rsa") ? "ec" : "rsa";
                    return new Mutation("key " + more + " added", withKeys(plus(keys, more)), true);
                }
                case 11 -> {
                    return new Mutation(
                            "staple " + !staple,
                            new NginxSettings(
                                    versions,
                                    ciphers,
                                    groups,
                                    keys,
                                    serverOrder,
                                    !staple,
                                    http2,
                                    verify,
                                    tickets,
                                    ticketKey),
                            true);
                }
                case 12 -> {
                    return new Mutation(
                            "http2 " + !http2,
                            new NginxSettings(
                                    versions,
                                    ciphers,
                                    groups,
                                    keys,
                                    serverOrder,
                                    staple,
                                    !http2,
                                    verify,
                                    tickets,
                                    ticketKey),
                            true);
                }
                case 13, 14 -> {
                    String other = pick(minus(List.of("off", "on", "optional"), verify), random);
                    return new Mutation(
                            "client certificates " + verify + " to " + other,
                            new NginxSettings(
                                    versions,
                                    ciphers,
                                    groups,
                                    keys,
                                    serverOrder,
                                    staple,
                                    http2,
                                    other,
                                    tickets,
                                    ticketKey),
                            true);
                }
                default -> {
                    return new Mutation(
                            "order by the " + (serverOrder ? "client" : "server"),
                            new NginxSettings(
                                    versions,
                                    ciphers,
                                    groups,
                                    keys,
                                    !serverOrder,
                                    staple,
                                    http2,
                                    verify,
                                    tickets,
                                    ticketKey),
                            false);
                }
            }
        }
    }

    NginxSettings withTickets(boolean on, int key) {
        return new NginxSettings(versions, ciphers, groups, keys, serverOrder, staple, http2, verify, on, key);
    }

    private NginxSettings withVersions(List<String> other) {
        return new NginxSettings(other, ciphers, groups, keys, serverOrder, staple, http2, verify, tickets, ticketKey);
    }

    private NginxSettings withCiphers(List<String> other) {
        return new NginxSettings(versions, other, groups, keys, serverOrder, staple, http2, verify, tickets, ticketKey);
    }

    private NginxSettings withGroups(List<String> other) {
        return new NginxSettings(
                versions, ciphers, other, keys, serverOrder, staple, http2, verify, tickets, ticketKey);
    }

    private NginxSettings withKeys(List<String> other) {
        return new NginxSettings(
                versions, ciphers, groups, other, serverOrder, staple, http2, verify, tickets, ticketKey);
    }

    private static String pick(List<String> list, Random random) {
        return list.get(random.nextInt(list.size()));
    }

    private static List<String> plus(List<String> list, String more) {
        List<String> longer = new ArrayList<>(list);
        longer.add(more);
        return longer;
    }

    private static List<String> minus(List<String> list, String gone) {
        return list.stream().filter(one -> !one.equals(gone)).toList();
    }

    /** Certificates of a small authority, an OCSP response, ticket keys. */
    static void prepare(Path directory) throws IOException {
        Files.createDirectory(directory.resolve("ca"));
        PeerProcess.certificate(directory.resolve("ca"), "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        int serial = 1;
        StringBuilder index = new StringBuilder();
        for (String name : List.of("rsa", "rsa2", "ec", "ec2")) {
            Path at = Files.createDirectory(directory.resolve(name));
            List<String> words = new ArrayList<>(List.of("openssl", "req", "-nodes", "-new"));
            words.addAll(
                    name.startsWith("rsa")
                            ? List.of("-newkey", "rsa:2048")
                            : List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"));
            words.addAll(List.of("-keyout", "key.pem", "-out", "csr.pem", "-subj", "/CN=localhost"));
            PeerProcess.run(at, words.toArray(String[]::new));
            PeerProcess.run(
                    at,
                    "openssl",
                    "x509",
                    "-req",
                    "-in",
                    "csr.pem",
                    "-CA",
                    "../ca/cert.pem",
                    "-CAkey",
                    "../ca/key.pem",
                    "-days",
                    "30",
                    "-set_serial",
                    Integer.toString(serial),
                    "-out",
                    "cert.pem");
            index.append("V\t350101000000Z\t\t0").append(serial).append("\tunknown\t/CN=" + name + "\n");
            serial++;
        }
        Files.writeString(directory.resolve("index.txt"), index);
        PeerProcess.run(
                directory,
                "openssl",
                "ocsp",
                "-index",
                "index.txt",
                "-CA",
                "ca/cert.pem",
                "-rsigner",
                "ca/cert.pem",
                "-rkey",
                "ca/key.pem",
                "-issuer",
                "ca/cert.pem",
                "-cert",
                "rsa/cert.pem",
                "-ndays",
                "30",
                "-respout",
                "staple.der");
        for (int key = 1; key <= 2; key++) {
            byte[] bytes = new byte[80];
            new Random(key).nextBytes(bytes);
            Files.write(directory.resolve("ticket" + key), bytes);
        }
    }

    PeerProcess start(Path directory) {
        int port = PeerProcess.freePort();
        StringBuilder certificates = new StringBuilder();
        keys.forEach(key ->
                certificates.append("ssl_certificate %1$s/%2$s/cert.pem; ssl_certificate_key %1$s/%2$s/key.pem;\n"
                        .formatted(directory, key)));
        String conf = """
                daemon off; master_process off; pid %1$s/nginx-%2$d.pid; error_log %1$s/nginx.log;
                events { worker_connections 512; }
                http { access_log off; server { listen 127.0.0.1:%2$d ssl %3$s; server_name localhost;
                  %4$s ssl_protocols %5$s; ssl_ciphers %6$s:@SECLEVEL=0; ssl_ecdh_curve %7$s; ssl_prefer_server_ciphers %8$s;
                  ssl_verify_client %9$s; ssl_client_certificate %1$s/ca/cert.pem; ssl_session_tickets %10$s;
                  ssl_session_ticket_key %1$s/ticket%11$d; %12$s
                  location / { return 200 ok; } } }
                """.formatted(
                        directory,
                        port,
                        http2 ? "http2" : "",
                        certificates,
                        String.join(" ", versions),
                        String.join(":", ciphers),
                        String.join(":", groups),
                        serverOrder ? "on" : "off",
                        verify,
                        tickets ? "on" : "off",
                        ticketKey,
                        staple ? "ssl_stapling on; ssl_stapling_file " + directory + "/staple.der;" : "");
        Path file = directory.resolve("nginx-" + port + ".conf");
        try {
            Files.writeString(file, conf);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return PeerProcess.start(directory, port, List.of("nginx", "-c", file.toString()));
    }
}
