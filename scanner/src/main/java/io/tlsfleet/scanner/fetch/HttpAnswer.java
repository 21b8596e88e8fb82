package io.tlsfleet.scanner.fetch;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What came back for one request: whole, or with the reason why not. Header names are in lower case. */
record HttpAnswer(
        int status,
        Map<String, String> headers,
        byte[] body,
        @Nullable String failure) {
    static HttpAnswer failed(String failure) {
        return new HttpAnswer(0, Map.of(), new byte[0], failure);
    }

    boolean redirects() {
        return failure == null
                && (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
                && headers.containsKey("location");
    }
}
