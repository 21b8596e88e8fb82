package io.tlsfleet.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublicUrlTest {
    @ParameterizedTest
    @CsvSource({
        "https://ops.example, https://ops.example",
        "https://ops.example/, https://ops.example",
        "HTTPS://Ops.Example:443/Tls/, https://ops.example/Tls",
        "http://ops.example:80, http://ops.example",
        "http://ops.example:443, http://ops.example:443",
        "https://ops.example:8443/a/b.c, https://ops.example:8443/a/b.c",
        "http://tls_fleet:8080, http://tls_fleet:8080",
        "https://192.0.2.7/tls, https://192.0.2.7/tls",
        "https://[2001:DB8::7]:8443, https://[2001:db8::7]:8443",
        "https://ops.example/apis, https://ops.example/apis"
    })
    void takesWhereBrowsersGo(String text, String url) {
        assertThat(PublicUrl.checked(text)).isEqualTo(url);
        assertThat(of(text).linkBase()).isEqualTo(url);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|it is empty",
                "' '|it is empty",
                "ops.example/tls|https:// or http://",
                "ops.example:8080|https:// or http://",
                "//ops.example|https:// or http://",
                "ftp://ops.example|https:// or http://",
                "https:ops.example|https:// or http://",
                "https:///tls|no host",
                "https://|no host",
                "https://:443|its host",
                "https://ops.example?x=1|query",
                "https://ops.example/tls?x=1|query",
                "https://ops.example/tls#top|fragment",
                "https://ops.example#top|fragment",
                "' https://ops.example'|blank",
                "'https://ops.example '|blank",
                "https://ops example/tls|blank",
                "https://ops.example/a b|blank",
                "https://ops.example:0|port",
                "https://ops.example:65536|port",
                "https://ops.example:https|its host",
                "https://büro.example|xn--",
                "https://2001:db8::7|brackets",
                "https://ops.example/a//b|path",
                "https://ops.example/../tls|path",
                "https://ops.example/%74ls|path",
                "'https://ops.example/\"onload'|path",
                "https://ops.example/api|the server's own",
                "https://ops.example/assets/x|the server's own"
            })
    void refusesWhatIsNoneAndNamesIt(String text, String why) {
        assertThatThrownBy(() -> of(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("--public-url '" + text + "': ")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"https://me:secret@ops.example/tls", "https://secret@ops.example"})
    void refusesAUserAndKeepsThePasswordToItself(String text) {
        assertThatThrownBy(() -> of(text))
                .hasMessageStartingWith("--public-url 'https://…@ops.example")
                .hasMessageContaining("names a user")
                .hasMessageNotContaining("secret");
    }

    private static ApiConfig of(String publicUrl) {
        ApiConfig usual = ApiConfig.loopback(0);
        return new ApiConfig(
                usual.bind(),
                0,
                null,
                usual.trustedProxies(),
                publicUrl,
                usual.webRoot(),
                usual.maxBodyBytes(),
                usual.maxImportBytes(),
                usual.maxRequests(),
                usual.perEndpointMetrics());
    }
}
