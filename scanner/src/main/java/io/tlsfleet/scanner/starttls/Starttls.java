package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A protocol's preamble: plain text until the server consents to TLS, which then begins on the same connection. */
public final class Starttls implements Conversation<Upgrade> {
    /** As the command line and the targets spell them. */
    public static final List<String> PROTOCOLS = List.of(
            "smtp",
            "lmtp",
            "imap",
            "pop3",
            "ftp",
            "ldap",
            "postgres",
            "mysql",
            "mariadb",
            "xmpp",
            "xmpp-server",
            "nntp",
            "sieve",
            "irc",
            "rdp",
            "telnet",
            "mssql");

    private static final int MAX_PREAMBLE = 64 * 1024;
    private static final int MAX_BANNER = 512;
    private static final int MAX_MOVES = 1024;

    private final Dialogue dialogue;
    private final Incoming in = new Incoming();
    private final StringBuilder banner = new StringBuilder();
    private int heard;
    private int moves;
    private @Nullable Upgrade outcome;

    private Starttls(Dialogue dialogue) {
        this.dialogue = dialogue;
    }

    /** {@code name} is what the server is called, where the protocol wants to hear it (XMPP). */
    public static Starttls with(String protocol, String name) {
        return new Starttls(dialogue(protocol, name));
    }

    /**
     * The same with {@code injected} in the segment that asks for TLS, where a server that reads on in its buffer takes it for
     * something said inside TLS (CVE-2011-0411). For protocols that ask in a line of text.
     */
    public static Starttls injecting(String protocol, String name, byte[] injected) {
        return new Starttls(new InjectingDialogue(dialogue(protocol, name), injected));
    }

    private static Dialogue dialogue(String protocol, String name) {
        return switch (protocol) {
            case "smtp" -> TextDialogue.smtp("EHLO");
            case "lmtp" -> TextDialogue.smtp("LHLO");
            case "ftp" -> TextDialogue.ftp();
            case "nntp" -> TextDialogue.nntp();
            case "imap" -> TextDialogue.imap();
            case "pop3" -> TextDialogue.pop3();
            case "sieve" -> TextDialogue.sieve();
            case "irc" -> TextDialogue.irc();
            case "xmpp" -> new XmppDialogue("jabber:client", name);
            case "xmpp-server" -> new XmppDialogue("jabber:server", name);
            case "ldap" -> new LdapDialogue();
            case "postgres" -> new PostgresDialogue();
            case "mysql", "mariadb" -> new MysqlDialogue();
            case "rdp" -> new RdpDialogue();
            case "telnet" -> new TelnetDialogue();
            case "mssql" -> new TdsDialogue();
            default ->
                throw new IllegalArgumentException(
                        "no STARTTLS for " + protocol + "; known are " + String.join(", ", PROTOCOLS));
        };
    }

    @Override
    public byte[] opening() {
        return dialogue.opening();
    }

    @Override
    public Turn receive(byte[] chunk) {
        in.add(chunk);
        try {
            return preamble(chunk);
        } catch (MalformedMessage e) {
            outcome = new Upgrade.Unintelligible(String.valueOf(e.getMessage()));
            return Turn.FINISHED;
        }
    }

    @Override
    public Upgrade end(Ending how) {
        return outcome == null ? new Upgrade.Ended(how, heard) : outcome;
    }

    private Turn preamble(byte[] chunk) throws MalformedMessage {
        heard += chunk.length;
        if (heard > MAX_PREAMBLE) {
            throw new MalformedMessage("starttls: more than " + MAX_PREAMBLE + " bytes before TLS");
        }
        if (banner.length() < MAX_BANNER) {
            String text = new String(chunk, StandardCharsets.ISO_8859_1);
            banner.append(text, 0, Math.min(text.length(), MAX_BANNER - banner.length()));
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        while (true) {
            if (++moves > MAX_MOVES) {
                throw new MalformedMessage("starttls: more than " + MAX_MOVES + " replies before TLS");
            }
            switch (dialogue.next(in)) {
                case Dialogue.Move.Wait _ -> {
                    return Turn.send(out.toByteArray());
                }
                case Dialogue.Move.Say(byte[] bytes) -> out.writeBytes(bytes);
                case Dialogue.Move.No(String reply) -> {
                    outcome = new Upgrade.Refused(reply);
                    return new Turn(out.toByteArray(), true);
                }
                case Dialogue.Move.Later(String reply) -> {
                    outcome = new Upgrade.Busy(reply);
                    return new Turn(out.toByteArray(), true);
                }
                case Dialogue.Move.Ready(byte[] last) -> {
                    outcome = new Upgrade.Consent(banner.toString(), in.takeAll(), dialogue);
                    out.writeBytes(last);
                    return new Turn(out.toByteArray(), true);
                }
            }
        }
    }
}
