package io.tlsfleet.scanner.starttls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.tls.exchange.Conversation;
import io.tlsfleet.tls.exchange.Ending;
import io.tlsfleet.tls.exchange.Turn;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every protocol against a script: the server's words, and what must have been said when TLS begins. */
class StarttlsTest {
    private static final String HELLO = "<hello>";
    private static final String FLIGHT = "<server flight>";
    private static final String XMPP_OPEN =
            "' xmlns:stream='http://etherx.jabber.org/streams' to='peer.example' version='1.0'>"
                    + "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

    /** {@code said} is all that goes out before the hello. */
    record Script(String protocol, String said, List<String> server) {
        Script(String protocol, String said, String... server) {
            this(protocol, said, List.of(server));
        }
    }

    static Stream<Script> consents() {
        return Stream.of(
                new Script(
                        "smtp",
                        "EHLO tlsfleet.invalid\r\nSTARTTLS\r\n",
                        "220-mail.example ESMTP\r\n220-No spam\r\n220 please\r\n",
                        "250-mail.example\r\n250-SIZE 1000\r\n250-starttls\r\n250 HELP\r\n",
                        "220 go ahead\r\n"),
                new Script(
                        "lmtp",
                        "LHLO tlsfleet.invalid\r\nSTARTTLS\r\n",
                        "220 lmtp\r\n",
                        "250-x\r\n250 STARTTLS\r\n",
                        "220 2.0.0 OK\r\n"),
                new Script(
                        "ftp",
                        "AUTH TLS\r\n",
                        "220-Welcome\r\n to my server\r\n221 not the end\r\n220 bye\r\n",
                        "234 yes\r\n"),
                new Script("nntp", "STARTTLS\r\n", "201 hi\r\n", "382 go\r\n"),
                new Script(
                        "imap",
                        "a1 STARTTLS\r\n",
                        "* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n",
                        "* BLA\r\na1 OK begin\r\n"),
                new Script("pop3", "STLS\r\n", "+OK ready\r\n", "+OK begin\r\n"),
                new Script(
                        "sieve",
                        "STARTTLS\r\n",
                        "\"IMPLEMENTATION\" \"x\"\r\n\"STARTTLS\"\r\nOK \"ready\"\r\n",
                        "OK \"go\"\r\n"),
                new Script(
                        "irc",
                        "CAP LS\r\nSTARTTLS\r\n",
                        ":irc.example NOTICE * :looking up\r\nPING :1\r\n",
                        ":irc.example CAP * LS :away-notify tls multi-prefix\r\n",
                        ":irc.example 670 * :go\r\n"),
                new Script(
                        "irc",
                        "CAP LS\r\nSTARTTLS\r\n",
                        ":irc.example 421 * CAP :Unknown command\r\n",
                        ":irc.example NOTICE * :hello\r\n",
                        ":irc.example 670 * :go\r\n"),
                new Script(
                        "xmpp",
                        "<?xml version='1.0'?><stream:stream xmlns='jabber:client" + XMPP_OPEN,
                        "<stream:stream id='1'><stream:features><starttls xmlns='urn:x'><required/></starttls>"
                                + "</stream:features>",
                        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"),
                new Script(
                        "xmpp-server",
                        "<?xml version='1.0'?><stream:stream xmlns='jabber:server" + XMPP_OPEN,
                        "<stream:stream><stream:features><starttls/></stream:features>",
                        "<proceed xmlns='x'></proceed>"),
                new Script(
                        "ldap",
                        hex("301d02010177188016") + "1.3.6.1.4.1.1466.20037",
                        hex("300c02010178070a010004000400")),
                new Script("postgres", hex("0000000804d2162f"), "S"),
                new Script(
                        "mysql",
                        hex("20000001" + "008a0000" + "00000001" + "21" + "00".repeat(23)),
                        hex("200000000a") + "8.0.1\0" + hex("01000000") + "abcdefgh\0" + hex("000800000000")
                                + "xxxxxx"),
                new Script(
                        "rdp",
                        hex("030000130ee000000000000100080003000000"),
                        hex("030000130ed000001234000200080002000000")),
                new Script(
                        "telnet",
                        hex("fffb2efffa2e01fff0"),
                        hex("fffd25") + "login" + hex("fffd2e"),
                        hex("fffa2e01fff0")));
    }

    static Stream<Script> refusals() {
        return Stream.of(
                new Script("smtp", "", "554 no\r\n"),
                new Script("smtp", "", "220 x\r\n", "250-x\r\n250 SIZE\r\n"),
                new Script("smtp", "", "220 x\r\n", "250 STARTTLS\r\n", "454 TLS not available\r\n"),
                new Script("lmtp", "", "220 x\r\n", "500 what\r\n"),
                new Script("ftp", "", "220 x\r\n", "530 Please login\r\n"),
                new Script("nntp", "", "200 x\r\n", "580 no\r\n"),
                new Script("imap", "", "* OK x\r\n", "a1 BAD unknown\r\n"),
                new Script("pop3", "", "+OK\r\n", "-ERR no\r\n"),
                new Script("sieve", "", "\"SIEVE\" \"x\"\r\nOK\r\n"),
                new Script("irc", "", ":irc.example CAP * LS :away-notify sasl=PLAIN tlsx\r\n"),
                new Script("irc", "", ":irc.example 451 *\r\n", ":irc.example 451 *\r\n"),
                new Script("irc", "", ":irc.example 421 * STARTTLS :Unknown command\r\n"),
                new Script("irc", "", ":irc.example CAP * LS :tls\r\n:irc.example 691 * :STARTTLS failed\r\n"),
                new Script("xmpp", "", "<stream:stream><stream:features><bind/></stream:features>"),
                new Script("xmpp", "", "<stream:stream><stream:error><host-unknown/></stream:error></stream:stream>"),
                new Script("ldap", "", hex("300c02010178070a013404000400")),
                new Script("postgres", "", "N"),
                new Script("mysql", "", hex("0a000000ff6a04") + "not allowed"),
                new Script("rdp", "", hex("030000130ed000001234000300080005000000")),
                new Script("rdp", "", hex("0300000b06d00000123400")),
                new Script("telnet", "", hex("fffe2e")),
                new Script("mssql", "", prelogin(2)));
    }

    /** We are turned away for now, which says nothing about TLS. */
    static Stream<Script> busy() {
        return Stream.of(
                new Script("smtp", "", "421 too many connections\r\n"),
                new Script("smtp", "", "220 x\r\n", "250 STARTTLS\r\n", "421-4.3.2 shutting\r\n421 down\r\n"),
                new Script("lmtp", "", "450 try again\r\n"),
                new Script("ftp", "", "421 There are too many connections from your address.\r\n"),
                new Script("nntp", "", "400 overloaded\r\n"),
                new Script("imap", "", "* BYE overloaded\r\n"),
                new Script("pop3", "", "-ERR [SYS/TEMP] later\r\n"),
                new Script("sieve", "", "BYE \"busy\"\r\n"),
                new Script("irc", "", "ERROR :Closing link: (you) [Throttled]\r\n"),
                new Script("xmpp", "", "<stream:stream><stream:error><resource-constraint/></stream:error>"),
                new Script("ldap", "", hex("300c02010178070a013304000400")),
                new Script("mysql", "", hex("0a000000ff1004") + "too many"),
                new Script("mysql", "", hex("0a000000ff6904") + "blocked"));
    }

    @ParameterizedTest
    @MethodSource("busy")
    void tellsBeingTurnedAwayFromARefusal(Script script) {
        Heard heard = play(script, Integer.MAX_VALUE);
        assertThat(heard.said).doesNotContain(HELLO);
        assertThat(heard.end).isInstanceOf(Upgrade.Busy.class);
    }

    @Test
    void sendsWhatIsInjectedInTheSegmentThatAsksForTls() {
        Conversation<?> talk =
                new Upgraded<>(Starttls.injecting("imap", "peer.example", bytes("a2 NOOP\r\n")), new Inner());
        assertThat(text(talk.receive(bytes("* OK\r\n")).send())).isEqualTo("a1 STARTTLS\r\na2 NOOP\r\n");
        assertThat(text(talk.receive(bytes("a1 OK\r\n")).send())).isEqualTo(HELLO);
    }

    @ParameterizedTest
    @MethodSource("consents")
    void reachesTls(Script script) {
        Heard heard = play(script, Integer.MAX_VALUE);
        assertThat(heard.said).isEqualTo(script.said + HELLO);
        assertThat(heard.result).isEqualTo(FLIGHT);
        assertThat(consent(heard.end).injected()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("consents")
    void reachesTlsByteForByte(Script script) {
        Heard heard = play(script, 1);
        assertThat(heard.said).isEqualTo(script.said + HELLO);
        assertThat(heard.result).isEqualTo(FLIGHT);
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void noticesARefusal(Script script) {
        Heard heard = play(script, Integer.MAX_VALUE);
        assertThat(heard.said).doesNotContain(HELLO);
        assertThat(heard.end).isInstanceOf(Upgrade.Refused.class);
    }

    @ParameterizedTest
    @MethodSource("consents")
    void keepsInjectedBytesFromTls(Script script) {
        List<String> server = new ArrayList<>(script.server);
        server.set(server.size() - 1, server.getLast() + "220 injected\r\n");
        Heard heard = play(new Script(script.protocol, "", server), Integer.MAX_VALUE);
        assertThat(text(consent(heard.end).injected())).isEqualTo("220 injected\r\n");
        assertThat(heard.result).isEqualTo(FLIGHT);
    }

    @ParameterizedTest
    @MethodSource("consents")
    void neverThrowsForFlippedOrCutReplies(Script script) {
        Random random = new Random(4711);
        for (int round = 0; round < 2000; round++) {
            List<String> server = new ArrayList<>(script.server);
            int line = random.nextInt(server.size());
            byte[] bytes = bytes(server.get(line));
            if (random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            } else {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            server.set(line, text(bytes));
            assertThat(play(new Script(script.protocol, "", server), 1 + random.nextInt(9)).end)
                    .isNotNull();
        }
    }

    @Test
    void tellsAStrangeProtocolAndAnEarlyEnd() {
        assertThat(play(new Script("smtp", "", "SSH-2.0-OpenSSH_9\r\n"), 99).end)
                .isInstanceOf(Upgrade.Unintelligible.class);
        assertThat(play(new Script("smtp", "", "220-half a banner\r\n"), 99).end)
                .isEqualTo(new Upgrade.Ended(Ending.CLOSED, 19));
    }

    @Test
    void boundsAnEndlessBanner() {
        Starttls talk = Starttls.with("smtp", "peer.example");
        int lines = 0;
        while (!talk.receive(bytes("220-more\r\n")).finished()) {
            assertThat(++lines).isLessThan(10_000);
        }
        assertThat(talk.end(Ending.FINISHED)).isInstanceOf(Upgrade.Unintelligible.class);
    }

    @Test
    void wrapsTlsInPreloginPacketsUntilTheServerSpeaksBare() {
        Conversation<Upgraded.End<String>> talk = whole("mssql");
        byte[] opening = talk.opening();
        assertThat(opening).startsWith(0x12, 1, 0, opening.length);
        Turn turn = talk.receive(bytes(prelogin(1)));
        assertThat(turn.send()).hasSize(8 + HELLO.length()).startsWith(0x12, 1, 0, 8 + HELLO.length());
        byte[] flight = bytes(FLIGHT);
        ByteArrayOutputStream wrapped = new ByteArrayOutputStream();
        wrapped.writeBytes(new byte[] {0x12, 1, 0, 8 + 7, 0, 0, 0, 0});
        wrapped.write(flight, 0, 7);
        for (byte b : wrapped.toByteArray()) {
            talk.receive(new byte[] {b});
        }
        talk.receive(Arrays.copyOfRange(flight, 7, flight.length));
        assertThat(talk.end(Ending.CLOSED).result()).isEqualTo(FLIGHT);
    }

    @Test
    void refusesAProtocolItDoesNotKnow() {
        assertThatThrownBy(() -> Starttls.with("gopher", "x"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gopher");
        for (String protocol : Starttls.PROTOCOLS) {
            assertThat(Starttls.with(protocol, "x")).isNotNull();
        }
    }

    private record Heard(String said, Upgrade end, @Nullable String result) {}

    private static Conversation<Upgraded.End<String>> whole(String protocol) {
        return new Upgraded<>(Starttls.with(protocol, "peer.example"), new Inner());
    }

    private static Heard play(Script script, int piece) {
        Conversation<Upgraded.End<String>> talk = whole(script.protocol);
        StringBuilder said = new StringBuilder(text(talk.opening()));
        boolean over = false;
        for (String line : script.server) {
            byte[] bytes = bytes(line);
            for (int at = 0; at < bytes.length && !over; ) {
                int end = (int) Math.min((long) at + piece, bytes.length);
                Turn turn = talk.receive(Arrays.copyOfRange(bytes, at, end));
                said.append(text(turn.send()));
                over = turn.finished();
                at = end;
            }
        }
        if (!over && said.indexOf(HELLO) >= 0) {
            talk.receive(bytes(FLIGHT));
        }
        Upgraded.End<String> end = talk.end(Ending.CLOSED);
        return new Heard(said.toString(), end.upgrade(), end.result());
    }

    private static Upgrade.Consent consent(Upgrade end) {
        assertThat(end).isInstanceOf(Upgrade.Consent.class);
        return (Upgrade.Consent) end;
    }

    /** VERSION and ENCRYPTION with that value. */
    private static String prelogin(int encryption) {
        return hex("0401001a00000100" + "00000b0006" + "0100110001" + "ff" + "0f0000000000" + "0" + encryption);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static String hex(String digits) {
        return text(HexFormat.of().parseHex(digits));
    }

    /** Says hello, keeps what it hears. */
    private static final class Inner implements Conversation<String> {
        private final StringBuilder heard = new StringBuilder();

        @Override
        public byte[] opening() {
            return bytes(HELLO);
        }

        @Override
        public Turn receive(byte[] chunk) {
            heard.append(text(chunk));
            return Turn.WAIT;
        }

        @Override
        public String end(Ending how) {
            return how == Ending.READ_TIMEOUT ? how.name() : heard.toString();
        }
    }
}
