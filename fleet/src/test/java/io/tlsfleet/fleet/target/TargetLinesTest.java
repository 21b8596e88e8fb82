package io.tlsfleet.fleet.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.observation.Depth;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetLinesTest {
    @ParameterizedTest
    @CsvSource({
        "shop.example, shop.example, 443",
        "Shop.Example:8443, shop.example, 8443",
        "192.0.2.7:1, 192.0.2.7, 1",
        "[2001:db8::7]:65535, 2001:db8::7, 65535",
        "[::1], ::1, 443",
        "2001:db8::7, 2001:db8::7, 443",
        "bücher.example, xn--bcher-kva.example, 443",
        "under_score.example:993, under_score.example, 993",
        "straße.de, xn--strae-oqa.de, 443",
        "STRASSE.de, strasse.de, 443",
        "💩.la, xn--ls8h.la, 443",
        "ΟΔΟΣ.example, xn--pxavbq.example, 443",
        "bü\u00ADcher。example, xn--bcher-kva.example, 443",
    })
    void readsHostAndPort(String word, String host, int port) {
        Target target = TargetLines.target(word);
        assertThat(target.host()).isEqualTo(host);
        assertThat(target.port()).isEqualTo(port);
    }

    @Test
    void readsEveryOptionOfALine() {
        Target target = TargetLines.line(
                        "  mail.example:25\tsni=mx.example starttls=smtp connect-to=127.0.0.1:2525 depth=full  # the old one")
                .orElseThrow();
        assertThat(target.host()).isEqualTo("mail.example");
        assertThat(target.port()).isEqualTo(25);
        assertThat(target.sni()).isEqualTo("mx.example");
        assertThat(target.starttls()).isEqualTo("smtp");
        assertThat(target.addresses()).isEqualTo(List.of("127.0.0.1:2525"));
        assertThat(target.depth()).isEqualTo(Depth.FULL);
    }

    @Test
    void takesTheProtocolsOwnPortWhenNoneIsGiven() {
        assertThat(TargetLines.line("mail.example starttls=imap").orElseThrow().port())
                .isEqualTo(143);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "   ", "# all of it", "\t# too"})
    void skipsBlankLinesAndComments(String line) {
        assertThat(TargetLines.line(line)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "shop.example:0, out of range",
        "shop.example:65536, out of range",
        "shop.example:https, is no port",
        "shop.example:, is no port",
        ":443, has no host",
        "https://shop.example/, looks like a URL",
        "[2001:db8::7, is no IPv6 target",
        "[shop.example]:443, is no IPv6 target",
        "a:b:443, more than one colon",
        "shop example, is no option",
        "-shop.example, is no host name",
        "shop..example, is no host name",
        "127.1011.1.1:443, is no IPv4 address",
        "10.1, is no IPv4 address",
        "b\uFFFDcher.example, is no host name",
        "b\u202Ech.example, is no host name",
        "bü cher.example, is no option",
        "bü\u3000cher.example, is no",
        "\u0308u.example, is no host name",
        "bü/cher, looks like a URL",
        "bü!.example, is no host name",
        "10.0.0.256, is no IPv4 address",
        "shop.example depth=deep, is no depth",
        "shop.example starttls=http, is no STARTTLS protocol",
        "shop.example colour=red, is no option of a target line",
        "shop.example sni=, is no option",
        "shop.example connect-to=1.2.3.4:99999, out of range",
    })
    void refusesWithTheInputInTheMessage(String line, String why) {
        assertThatThrownBy(() -> TargetLines.line(line))
                .isInstanceOf(InvalidTarget.class)
                .hasMessageContaining(why);
    }

    @Test
    void showsNoControlCharactersOfTheInput() {
        assertThatThrownBy(() -> TargetLines.line("evil\u001b[31m\u202e.example:1"))
                .isInstanceOf(InvalidTarget.class)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\u001b", "\u202e"));
    }
}
