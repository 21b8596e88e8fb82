package io.tlsfleet.tls.x509;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Names below which anyone may register (publicsuffix.org/list), and the registrable domain of a name. The list is the
 * one that the JDK carries for its own checks of wildcards; a name that no rule speaks of is judged by {@code *}.
 */
public final class PublicSuffixes {
    private final Set<String> rules;
    private final Set<String> exceptions;
    private final Set<String> ofRegistries;

    private PublicSuffixes(Set<String> rules, Set<String> exceptions, Set<String> ofRegistries) {
        this.rules = Set.copyOf(rules);
        this.exceptions = Set.copyOf(exceptions);
        this.ofRegistries = Set.copyOf(ofRegistries);
    }

    private static final class Jdk {
        static final PublicSuffixes LIST =
                load(Path.of(System.getProperty("java.home"), "lib", "security", "public_suffix_list.dat"));
    }

    /** Without rules where this JDK has none: then every top-level domain is a suffix, and nothing else. */
    public static PublicSuffixes ofJdk() {
        return Jdk.LIST;
    }

    /** The list's own form; private sections count as well. */
    public static PublicSuffixes read(String list) {
        Set<String> rules = new HashSet<>();
        Set<String> exceptions = new HashSet<>();
        Set<String> ofRegistries = new HashSet<>();
        boolean registries = true;
        for (String line : list.lines().toList()) {
            if (line.startsWith("//")) {
                registries = registries && !line.contains("===BEGIN PRIVATE DOMAINS===");
            } else {
                add(line, registries ? ofRegistries : rules, exceptions);
            }
        }
        rules.addAll(ofRegistries);
        return new PublicSuffixes(rules, exceptions, ofRegistries);
    }

    /** A zip with a file for each top-level domain, each rule behind a byte that says which section it is of. */
    private static PublicSuffixes load(Path file) {
        Set<String> rules = new HashSet<>();
        Set<String> exceptions = new HashSet<>();
        Set<String> ofRegistries = new HashSet<>();
        try (InputStream in = Files.newInputStream(file);
                ZipInputStream zip = new ZipInputStream(in)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                new String(zip.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.isEmpty())
                        .forEach(
                                line -> add(line.substring(1), line.charAt(0) == 0 ? ofRegistries : rules, exceptions));
            }
        } catch (IOException e) {
            return new PublicSuffixes(Set.of(), Set.of(), Set.of());
        }
        rules.addAll(ofRegistries);
        return new PublicSuffixes(rules, exceptions, ofRegistries);
    }

    private static void add(String line, Set<String> rules, Set<String> exceptions) {
        String rule = line.strip().split("\\s", 2)[0];
        boolean exception = rule.startsWith("!");
        boolean wildcard = rule.startsWith("*.");
        String name = exception ? rule.substring(1) : wildcard ? rule.substring(2) : rule;
        Optional<String> mapped = name.chars().allMatch(c -> c < 0x80)
                ? Optional.of(name.toLowerCase(Locale.ROOT)).filter(ascii -> !ascii.isEmpty())
                : HostName.toAscii(name);
        mapped.ifPresent(ascii -> {
            if (exception) {
                exceptions.add(ascii);
            } else {
                rules.add(wildcard ? "*." + ascii : ascii);
            }
        });
    }

    public boolean isSuffix(String name) {
        return HostName.toAscii(name)
                .filter(ascii -> suffixLabels(List.of(ascii.split("\\.", -1))) == ascii.split("\\.", -1).length)
                .isPresent();
    }

    /** One label more than its public suffix, in A-labels; empty for a suffix itself and for what is no name. */
    public Optional<String> registrable(String name) {
        if (name.startsWith(".")) {
            return Optional.empty();
        }
        return HostName.toAscii(name).flatMap(ascii -> {
            List<String> labels = List.of(ascii.split("\\.", -1));
            int suffix = suffixLabels(labels);
            return labels.size() <= suffix
                    ? Optional.empty()
                    : Optional.of(String.join(".", labels.subList(labels.size() - suffix - 1, labels.size())));
        });
    }

    /** Whether rules of the list, and not the one for all that is unlisted, make it a suffix. */
    public boolean isListedSuffix(String name) {
        String ascii = name.toLowerCase(Locale.ROOT);
        int dot = ascii.indexOf('.');
        return !exceptions.contains(ascii)
                && (rules.contains(ascii) || dot > 0 && rules.contains("*" + ascii.substring(dot)));
    }

    /** Whether a registry of the list's first section hands out names below it; browsers let no wildcard stand for those. */
    public boolean isOfRegistry(String name) {
        String ascii = name.toLowerCase(Locale.ROOT);
        int dot = ascii.indexOf('.');
        return isListedSuffix(name)
                && (ofRegistries.contains(ascii) || dot > 0 && ofRegistries.contains("*" + ascii.substring(dot)));
    }

    private int suffixLabels(List<String> labels) {
        int most = 1;
        for (int i = 0; i < labels.size(); i++) {
            String tail = String.join(".", labels.subList(i, labels.size()));
            if (exceptions.contains(tail)) {
                return labels.size() - i - 1;
            }
            if (isListedSuffix(tail)) {
                most = Math.max(most, labels.size() - i);
            }
        }
        return most;
    }
}
