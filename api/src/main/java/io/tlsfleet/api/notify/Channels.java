package io.tlsfleet.api.notify;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.store.alert.Receiver;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailConfig;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.MailResult;
import io.vertx.ext.mail.SMTPException;
import io.vertx.ext.mail.StartTLSOptions;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every kind of receiver: how a notice is put, where it goes, and what its answer means. Waits; run on a virtual thread. */
public final class Channels {
    private static final String PAGERDUTY = "https://events.pagerduty.com/v2/enqueue";
    /** Before the base64 of a key, as Standard Webhooks writes it. */
    static final String SIGNING_KEY = "whsec_";

    private static final int TIMEOUT_SECONDS = 15;
    /** A server looks through what it took before it answers; who hangs up then sends it once more (RFC 5321, section 4.5.3.2.6). */
    private static final Duration MAIL_PATIENCE = Duration.ofSeconds(100);

    private static final Logger LOG = LoggerFactory.getLogger(Channels.class);

    private final Vertx vertx;
    private final Outgoing http;
    private final SecretBox box;
    private final InstantSource clock;
    private final Tickets tickets;

    public Channels(Vertx vertx, Outgoing http, SecretBox box, InstantSource clock) {
        this.clock = clock;
        this.vertx = vertx;
        this.http = http;
        this.tickets = new Tickets(http);
        this.box = box;
    }

    /** {@code key} is the same at every attempt. Never throws. */
    public Delivery send(Receiver receiver, Notice notice, String key) {
        try {
            JsonNode secret = opened(receiver);
            return switch (receiver.kind()) {
                case "webhook" -> webhook(receiver, secret, notice, key);
                case "slack" -> post(url(secret), Map.of(), Rendering.slack(notice));
                case "teams" -> post(url(secret), Map.of(), Rendering.teams(notice));
                case "pagerduty" ->
                    post(
                            secret.path("url").asText(PAGERDUTY),
                            Map.of(),
                            Rendering.pagerDuty(notice, secret.path("secret").asText()));
                case "opsgenie" -> tickets.opsgenie(secret, notice);
                case "jira" -> tickets.jira(receiver, secret, notice);
                case "generic" -> generic(receiver.settings(), secret, notice);
                case "alertmanager" -> alertmanager(secret, List.of(notice));
                case "email" -> email(receiver.settings(), secret, notice, key);
                case "syslog" -> syslog(receiver.settings(), notice);
                case "heartbeat" -> beat(receiver);
                default -> new Delivery.Failed(0, "kind '" + receiver.kind() + "' is not known", -1);
            };
        } catch (Exception e) {
            return new Delivery.Failed(0, Rendering.shown(Unanswered.words(e)), -1);
        }
    }

    /** How long one attempt may take. */
    static Duration patience(Receiver receiver) {
        return receiver.kind().equals("email") ? MAIL_PATIENCE : Duration.ofSeconds(TIMEOUT_SECONDS);
    }

    /** Standard Webhooks: id, timestamp and HMAC-SHA256 over both and the body. */
    private Delivery webhook(Receiver receiver, JsonNode secret, Notice notice, String key) throws Exception {
        String template = receiver.settings().path("template").asText("");
        byte[] body = template.isEmpty()
                ? Json.bytes(Rendering.webhook(notice))
                : Rendering.template(notice, template).getBytes(StandardCharsets.UTF_8);
        long timestamp = clock.instant().getEpochSecond(); // of this attempt: receivers refuse old ones
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("webhook-id", key);
        headers.put("webhook-timestamp", Long.toString(timestamp));
        String signing = secret.path("secret").asText("");
        if (!signing.isEmpty()) {
            headers.put("webhook-signature", signature(signing, key, timestamp, body));
        }
        return post("POST", url(secret), headers, body);
    }

    static String signature(String secret, String id, long timestamp, byte[] body) throws GeneralSecurityException {
        byte[] key = secret.startsWith(SIGNING_KEY)
                ? Base64.getDecoder().decode(secret.substring(SIGNING_KEY.length()))
                : secret.getBytes(StandardCharsets.UTF_8);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key, "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
    }

    private Delivery generic(JsonNode settings, JsonNode secret, Notice notice) throws Exception {
        Map<String, String> headers = new LinkedHashMap<>();
        secret.path("headers")
                .properties()
                .forEach(h -> headers.put(h.getKey(), h.getValue().asText()));
        String template = settings.path("template").asText("");
        byte[] body = template.isEmpty()
                ? Json.bytes(Rendering.webhook(notice))
                : Rendering.template(notice, template).getBytes(StandardCharsets.UTF_8);
        return post(settings.path("method").asText("POST"), url(secret), headers, body);
    }

    /** All that stands, to every instance of an Alertmanager at once, each in batches: a dead one delays none. Never throws. */
    Delivery stand(Receiver receiver, List<Notice> notices) {
        try {
            return alertmanager(opened(receiver), notices);
        } catch (Exception e) {
            return new Delivery.Failed(0, Rendering.shown(Unanswered.words(e)), -1);
        }
    }

    /** A ping to whoever raises the alarm when it stays away. Never throws. */
    Delivery beat(Receiver receiver) {
        try {
            return post(
                    receiver.settings().path("method").asText("POST"), url(opened(receiver)), Map.of(), new byte[0]);
        } catch (Exception e) {
            return new Delivery.Failed(0, Rendering.shown(Unanswered.words(e)), -1);
        }
    }

    /** False where the secret was sealed by a server with another key. */
    boolean opens(Receiver receiver) {
        try {
            box.open(receiver.secret());
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private JsonNode opened(Receiver receiver) {
        return Json.parse(new String(box.open(receiver.secret()), StandardCharsets.UTF_8));
    }

    private Delivery alertmanager(JsonNode secret, List<Notice> notices) throws Exception {
        List<ObjectNode> alerts = notices.stream().map(AlertmanagerFeed::alert).toList();
        List<String> urls = new ArrayList<>();
        secret.path("urls").forEach(u -> urls.add(u.asText()));
        if (urls.isEmpty()) {
            urls.add(url(secret));
        }
        List<Delivery> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Delivery>> running = urls.stream()
                    .map(url -> threads.submit(() -> instance(url, alerts)))
                    .toList();
            for (Future<Delivery> one : running) {
                answers.add(one.get());
            }
        }
        List<String> failed = new ArrayList<>();
        for (int i = 0; i < urls.size(); i++) {
            if (answers.get(i) instanceof Delivery.Failed one) {
                failed.add(URI.create(urls.get(i)).getAuthority() + ": " + one.why());
            }
        }
        if (failed.isEmpty()) {
            return answers.getFirst();
        }
        return failed.size() < urls.size()
                ? new Delivery.Delivered(
                        200,
                        "taken by " + (urls.size() - failed.size()) + " of " + urls.size() + "; "
                                + String.join("; ", failed))
                : new Delivery.Failed(0, String.join("; ", failed), -1);
    }

    private Delivery instance(String url, List<ObjectNode> alerts) {
        String place = url.contains("/api/v2/") ? url : url.replaceFirst("/$", "") + "/api/v2/alerts";
        Delivery last = new Delivery.Delivered(0, "nothing stands");
        try {
            for (int from = 0; from < alerts.size(); from += AlertmanagerFeed.BATCH) {
                List<ObjectNode> batch = alerts.subList(from, Math.min(alerts.size(), from + AlertmanagerFeed.BATCH));
                last = post("POST", place, Map.of(), Json.bytes(batch));
                if (!(last instanceof Delivery.Delivered)) {
                    return last;
                }
            }
            return last;
        } catch (Exception e) {
            return new Delivery.Failed(0, Rendering.shown(Unanswered.words(e)), -1);
        }
    }

    private Delivery email(JsonNode settings, JsonNode secret, Notice notice, String key) throws Exception {
        String host = settings.path("host").asText();
        InetAddress address = http.resolve(host);
        String tls = settings.path("tls").asText("starttls");
        MailConfig config = new MailConfig()
                .setHostname(tls.equals("none") ? address.getHostAddress() : host)
                .setPort(settings.path("port").asInt(tls.equals("implicit") ? 465 : 587))
                .setSsl(tls.equals("implicit"))
                .setStarttls(
                        switch (tls) {
                            case "starttls", "required" -> StartTLSOptions.REQUIRED;
                            case "opportunistic" -> StartTLSOptions.OPTIONAL;
                            default -> StartTLSOptions.DISABLED;
                        })
                .setLogin(settings.hasNonNull("user") ? LoginOption.REQUIRED : LoginOption.DISABLED)
                .setKeepAlive(false)
                .setConnectTimeout(TIMEOUT_SECONDS * 1000);
        if (settings.hasNonNull("user")) {
            config.setUsername(settings.get("user").asText())
                    .setPassword(secret.path("secret").asText());
        }
        config.setTrustOptions(
                settings.hasNonNull("caCertificates")
                        ? new PemTrustOptions()
                                .addCertValue(Buffer.buffer(
                                        settings.get("caCertificates").asText()))
                        : http.anchors().options());
        List<String> to = new ArrayList<>();
        settings.path("to").forEach(t -> to.add(oneLine(t.asText())));
        MailMessage message = new MailMessage()
                .setFrom(oneLine(settings.path("from").asText("tlsfleet@localhost")))
                .setTo(to)
                .setSubject("[tlsfleet] " + oneLine(notice.subject()))
                .setText(Rendering.plain(notice))
                .setHtml(MailPage.of(notice))
                .addHeader("Message-ID", messageId(notice, key))
                .addHeader("References", "<" + notice.alert() + "@tlsfleet>")
                .addHeader("Auto-Submitted", "auto-generated");
        try {
            sent(config, message);
            return new Delivery.Delivered(250, "taken by " + host);
        } catch (SMTPException e) {
            if (!e.isPermanent()) {
                throw e;
            }
            if (to.size() > 1 && String.valueOf(e.getMessage()).startsWith("recipient address")) {
                return toWhomItMay(config, message, host, to, e);
            }
            boolean content = String.valueOf(e.getMessage()).startsWith("sending data")
                    || String.valueOf(e.getMessage()).startsWith("message exceeds");
            return new Delivery.Failed(content ? Delivery.MAIL_REFUSED : 0, Rendering.shown(Unanswered.words(e)), -1);
        }
    }

    /** The same at every attempt; another estate counts its alerts from one, too, and servers drop what they have seen. */
    static String messageId(Notice notice, String key) {
        return "<" + key + "." + Long.toString(notice.at().toEpochMilli(), Character.MAX_RADIX) + "@tlsfleet>";
    }

    /** One address that is gone for good keeps nothing from the others. */
    private Delivery toWhomItMay(
            MailConfig config, MailMessage message, String host, List<String> to, SMTPException refusal)
            throws Exception {
        List<String> took;
        try {
            took = sent(config.setAllowRcptErrors(true), message).getRecipients();
        } catch (SMTPException e) {
            throw e;
        } catch (VertxException nobody) {
            throw refusal;
        }
        List<String> refused = to.stream().filter(one -> !took.contains(one)).toList();
        String said = "taken by " + host + "; it refuses for good " + String.join(", ", refused);
        LOG.warn("mail {}", said);
        return new Delivery.Delivered(250, said);
    }

    private MailResult sent(MailConfig config, MailMessage message) throws Exception {
        MailClient client = MailClient.create(vertx, config);
        try {
            return client.sendMail(message)
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(MAIL_PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new TimeoutException("no answer within " + MAIL_PATIENCE.toSeconds() + " s");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            client.close();
        }
    }

    /** RFC 5424 over UDP (RFC 5426), over TCP with octet counting (RFC 6587), or TLS (RFC 5425). */
    private Delivery syslog(JsonNode settings, Notice notice) throws Exception {
        InetAddress address = http.resolve(settings.path("host").asText());
        int port = settings.path("port").asInt(514);
        String line = Rendering.syslog(notice, settings.path("facility").asInt(1));
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        switch (settings.path("protocol").asText("udp")) {
            case "udp" -> {
                try (DatagramSocket socket = new DatagramSocket()) {
                    socket.send(new DatagramPacket(bytes, bytes.length, address, port));
                }
            }
            case "tcp" -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), TIMEOUT_SECONDS * 1000);
                    framed(socket, bytes);
                }
            }
            case "tls" -> {
                try (Socket socket = new Socket()) {
                    socket.connect(new InetSocketAddress(address, port), TIMEOUT_SECONDS * 1000);
                    try (Socket over = SyslogTls.over(socket, settings, http.anchors())) {
                        framed(over, bytes);
                    }
                }
            }
            default -> throw new IllegalArgumentException("settings/protocol is none of udp, tcp, tls");
        }
        return new Delivery.Delivered(0, "sent to " + address.getHostAddress() + ":" + port);
    }

    private static void framed(Socket socket, byte[] bytes) throws IOException {
        socket.setSoTimeout(TIMEOUT_SECONDS * 1000);
        socket.getOutputStream().write((bytes.length + " ").getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
    }

    private Delivery post(String url, Map<String, String> headers, ObjectNode body) throws Exception {
        return post("POST", url, headers, Json.bytes(body));
    }

    private Delivery post(String method, String url, Map<String, String> headers, byte[] body) throws Exception {
        return read(http.send(method, url, json(headers), body));
    }

    static Map<String, String> json(Map<String, String> headers) {
        Map<String, String> all =
                new LinkedHashMap<>(Map.of("Content-Type", "application/json", "User-Agent", "tlsfleet"));
        all.putAll(headers);
        return all;
    }

    /** What an answer means. */
    static Delivery read(Outgoing.Answer answer) {
        if (answer.status() / 100 == 2) {
            return new Delivery.Delivered(answer.status(), answer.text());
        }
        if (answer.status() == 410) {
            return new Delivery.Gone("answered 410: nothing is wanted there any more");
        }
        String why = answer.status() / 100 == 3
                ? " (redirects are not followed; name the final URL)"
                : answer.text().isEmpty() ? "" : ": " + answer.text();
        return new Delivery.Failed(answer.status(), "answered " + answer.status() + why, answer.retryAfterSeconds());
    }

    private static String url(JsonNode secret) {
        String url = secret.path("url").asText("");
        if (url.isEmpty()) {
            throw new IllegalArgumentException("the receiver has no URL");
        }
        return url;
    }

    private static String oneLine(String text) {
        return Rendering.shown(text.strip().replaceAll("[\\r\\n]+", " "));
    }

    /** A test notice, marked as such. */
    static Notice test(Instant now) {
        return new Notice(
                "test",
                "test",
                null,
                "info",
                "Test notice of tlsfleet",
                "Somebody pressed the test button. Nothing is wrong, and this receiver works.",
                0,
                List.of(),
                List.of(),
                null,
                now,
                null,
                null,
                List.of(),
                null);
    }
}
