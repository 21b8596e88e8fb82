package io.tlsfleet.tls.x509;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A trust store as a text file: PEM that every tool reads, with what PEM cannot say in comment lines before it
 * ({@code # date:}, {@code # source:}, {@code # public: true}) and before a certificate ({@code # distrust-after:}).
 */
public final class StoreFile {
    private static final String BEGIN = "-----BEGIN CERTIFICATE-----\n";
    private static final String END = "-----END CERTIFICATE-----\n";

    private StoreFile() {}

    public static TrustStore read(String name, String text) {
        LocalDate date = null;
        String source = "file";
        boolean publicTrust = false;
        Instant distrustAfter = null;
        StringBuilder block = new StringBuilder();
        List<TrustStore.Anchor> anchors = new ArrayList<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("#")) {
                int colon = line.indexOf(':');
                String key = colon < 0 ? "" : line.substring(1, colon).strip();
                String value = line.substring(colon + 1).strip();
                switch (key) {
                    case "date" -> date = date(value);
                    case "source" -> source = value;
                    case "public" -> publicTrust = value.equals("true");
                    case "distrust-after" -> distrustAfter = instant(value);
                    default -> {
                        // a remark
                    }
                }
                continue;
            }
            block.append(line).append('\n');
            if (line.startsWith("-----END ")) {
                for (byte[] der : certificates(block.toString())) {
                    anchors.add(new TrustStore.Anchor(CertificateFacts.read(der), distrustAfter));
                }
                block.setLength(0);
                distrustAfter = null;
            }
        }
        return new TrustStore(name, publicTrust, date, source, anchors);
    }

    /** A block as {@link #write} has it without the search for all that may be in a file. */
    private static List<byte[]> certificates(String block) {
        return block.startsWith(BEGIN) && block.endsWith(END)
                ? List.of(Pem.decoded(block.substring(BEGIN.length(), block.length() - END.length())))
                : Pem.certificates(block.getBytes(StandardCharsets.ISO_8859_1));
    }

    public static String write(TrustStore store) {
        StringBuilder text = new StringBuilder("# tlsfleet trust store\n");
        text.append("# name: ").append(store.name()).append('\n');
        if (store.date() != null) {
            text.append("# date: ").append(store.date()).append('\n');
        }
        text.append("# source: ").append(store.source()).append('\n');
        text.append("# public: ").append(store.publicTrust()).append('\n');
        for (TrustStore.Anchor anchor : store.anchors()) {
            text.append("\n# ").append(anchor.certificate().subject().text()).append('\n');
            if (anchor.distrustAfter() != null) {
                text.append("# distrust-after: ").append(anchor.distrustAfter()).append('\n');
            }
            text.append(anchor.certificate().pem());
        }
        return text.toString();
    }

    private static @Nullable LocalDate date(String value) {
        try {
            return LocalDate.parse(value);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static @Nullable Instant instant(String value) {
        try {
            return Instant.parse(value);
        } catch (DateTimeException e) {
            return null;
        }
    }
}
