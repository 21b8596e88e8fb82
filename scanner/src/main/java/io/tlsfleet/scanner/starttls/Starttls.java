package io.tlsfleet.scanner.starttls;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import io.tlsfleet.tls.wire.MalformedMessage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A protocol's preamble around a conversation: plain text first, then TLS. */
public final class Starttls<R> implements Conversation<Upgrade<R>> {
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
    private final Conversation<R> inner;
    private final Duration silence;
    private final Incoming in = new Incoming();
    private final StringBuilder banner = new StringBuilder();
    private byte[] injected = new byte[0];
    private int heard;
    private int moves;
    private boolean isTls;
    private boolean fellSilent;
    private @Nullable Upgrade<R> failure;

    private Starttls(Dialogue dialogue, Conversation<R> inner, Duration silence) {
        this.dialogue = dialogue;
        this.inner = inner;
        this.silence = silence;
    }

    /**
     * {@code name} is what the server is called, where the protocol wants to hear it (XMPP). {@code silence} is how long the
     * server may say nothing once TLS has begun; before that, the connection's own limits hold.
     */
    public static <R> Conversation<Upgrade<R>> before(
            String protocol, String name, Conversation<R> inner, Duration silence) {
        return new Starttls<>(dialogue(protocol, name), inner, silence);
    }

    /**
     * The same with {@code injected} in the segment that asks for TLS, where a server that reads on in its buffer takes it for
     * something said inside TLS (CVE-2011-0411). For protocols that ask in a line of text.
     */
    public static <R> Conversation<Upgrade<R>> injecting(
            String protocol, String name, Conversation<R> inner, Duration silence, byte[] injected) {
        return new Starttls<>(new InjectingDialogue(dialogue(protocol, name), injected), inner, silence);
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
            return isTls ? tls() : preamble(chunk);
        } catch (MalformedMessage e) {
            failure = new Upgrade.Unintelligible<>(String.valueOf(e.getMessage()));
            return Turn.FINISHED;
        }
    }

    @Override
    public Optional<Duration> patience() {
        return isTls ? Optional.of(innerPatience().orElse(silence)) : Optional.empty();
    }

    @Override
    public Turn quiet() {
        if (isTls && innerPatience().isPresent()) {
            return wrapped(inner.quiet());
        }
        fellSilent = true;
        return Turn.FINISHED;
    }

    private Optional<Duration> innerPatience() {
        return inner.patience().filter(p -> p.compareTo(silence) < 0);
    }

    @Override
    public Upgrade<R> end(Ending how) {
        if (failure != null) {
            return failure;
        }
        return isTls
                ? new Upgrade.Upgraded<>(inner.end(fellSilent ? Ending.READ_TIMEOUT : how), banner.toString(), injected)
                : new Upgrade.Ended<>(how, heard);
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
                    failure = new Upgrade.Refused<>(reply);
                    return new Turn(out.toByteArray(), true);
                }
                case Dialogue.Move.Later(String reply) -> {
                    failure = new Upgrade.Busy<>(reply);
                    return new Turn(out.toByteArray(), true);
                }
                case Dialogue.Move.Ready(byte[] last) -> {
                    isTls = true;
                    injected = in.takeAll();
                    out.writeBytes(last);
                    out.writeBytes(dialogue.wrap(inner.opening()));
                    return Turn.send(out.toByteArray());
                }
            }
        }
    }

    private Turn tls() throws MalformedMessage {
        byte[] bytes = dialogue.unwrap(in);
        return bytes.length == 0 ? Turn.WAIT : wrapped(inner.receive(bytes));
    }

    private Turn wrapped(Turn turn) {
        return turn.send().length == 0 ? turn : new Turn(dialogue.wrap(turn.send()), turn.finished());
    }
}
