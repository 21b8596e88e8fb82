package io.tlsfleet.fleet.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogDiagnosisTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    version-mismatch | 2026/11/21 08:00:01 [info] 2841#2842: *902 SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol) while SSL handshaking, client: 198.51.100.22, server: 0.0.0.0:443
                    version-mismatch | 2026/04/08 16:05:12 [info] 3456#0: *9012 SSL_do_handshake() failed (SSL: error:14209102:SSL routines:tls_early_post_process_client_hello:unsupported protocol) while SSL handshaking, client: 192.0.2.4, server: 0.0.0.0:443
                    version-mismatch | 2026/11/21 08:00:01 [crit] 1#1: *3 SSL_do_handshake() failed (SSL: error:0A00042E:SSL routines::tlsv1 alert protocol version:SSL alert number 70) while SSL handshaking to upstream, client: 192.0.2.1, server: a
                    no-shared-suite | 2026/11/21 08:00:02 [info] 2841#2843: *934 SSL_do_handshake() failed (SSL: error:0A0000C1:SSL routines::no shared cipher) while SSL handshaking, client: 192.0.2.45, server: 0.0.0.0:443
                    no-shared-suite | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:14396 [21/Nov/2026:08:00:02.275] fe/1: SSL handshake failure (error:0A0000C1:SSL routines::no shared cipher)
                    not-tls | 2026/11/21 08:00:03 [info] 2841#2844: *961 SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking, client: 203.0.113.88, server: 0.0.0.0:443
                    not-tls | 2026/11/21 08:00:03 [info] 1#1: *7 client sent plain HTTP request to HTTPS port while reading client request headers, client: 192.0.2.9, server: a, request: "GET / HTTP/1.1", host: "a:443"
                    not-tls | [Sat Nov 21 08:00:03.1 2026] [ssl:info] [pid 77:tid 88] [client 192.0.2.9:5000] AH01996: SSL handshake failed: HTTP spoken on HTTPS port; trying to send HTML error page
                    no-shared-group | 2026/11/21 08:00:04 [info] 2841#2841: *881 SSL_do_handshake() failed (SSL: error:0A00006C:SSL routines::bad key share) while SSL handshaking, client: 203.0.113.7, server: 0.0.0.0:443
                    unknown-ca | 2026/11/21 08:00:04 [info] 1#1: *9 SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    unknown-ca | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:14396 [21/Nov/2026:08:00:02.275] fe/1: SSL handshake failure (error:14094418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca)
                    expired | 2026/11/21 08:00:05 [info] 1#1: *10 SSL_do_handshake() failed (SSL: error:0A000415:SSL routines::sslv3 alert certificate expired:SSL alert number 45) while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    certificate-rejected | 2026/11/21 08:00:05 [info] 1#1: *11 SSL_do_handshake() failed (SSL: error:0A000412:SSL routines::sslv3 alert bad certificate:SSL alert number 42) while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    client-certificate-missing | 2026/11/21 08:00:06 [info] 1#1: *12 client sent no required SSL certificate while reading client request headers, client: 192.0.2.9, server: a, request: "GET / HTTP/1.1", host: "a"
                    client-certificate-missing | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: SSL handshake failure (error:0A0000C7:SSL routines::peer did not return a certificate)
                    client-certificate-expired | 2026/11/21 08:00:07 [info] 1#1: *13 client SSL certificate verify error: (10:certificate has expired) while reading client request headers, client: 192.0.2.9, server: a
                    client-certificate-unknown-ca | 2026/11/21 08:00:07 [info] 1#1: *14 client SSL certificate verify error: (20:unable to get local issuer certificate) while reading client request headers, client: 192.0.2.9, server: a
                    client-certificate-unknown-ca | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: SSL client CA chain cannot be verified
                    client-certificate-revoked | 2026/11/21 08:00:07 [info] 1#1: *15 client SSL certificate verify error: (23:certificate revoked) while reading client request headers, client: 192.0.2.9
                    timeout | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: Timeout during SSL handshake
                    timeout | 2026/11/21 08:00:08 [info] 1#1: *16 client timed out (110: Connection timed out) while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    reset | 2026/11/21 08:00:08 [info] 1#1: *17 SSL_do_handshake() failed (104: Connection reset by peer) while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    closed | 2026/11/21 08:00:09 [info] 1#1: *18 peer closed connection in SSL handshake while SSL handshaking, client: 192.0.2.9, server: 0.0.0.0:443
                    closed | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: Connection closed during SSL handshake
                    closed | 2026/11/21 23:16:52 [info] 27670#27670: *3 client closed connection while SSL handshaking, client: 127.0.0.1, server: 127.0.0.1:18501
                    unrecognised-name | 2026/11/21 23:15:54 [info] 25776#25776: *14 handshake rejected while SSL handshaking, client: 127.0.0.1, server: 127.0.0.1:18504
                    closed | 2026/11/21 08:00:09 [info] 1#1: *19 SSL_do_handshake() failed (SSL: error:0A000126:SSL routines::unexpected eof while reading) while SSL handshaking, client: 192.0.2.9
                    handshake-failure | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: SSL handshake failure
                    client-certificate-unknown-ca | Nov 21 08:00:02 lb haproxy[9]: 127.0.0.1:4 [21/Nov/2026:08:00:02.275] fe 31/1417C086/20/0/0 -/TLSv1.2/(NONE)
                    version-mismatch | Nov 21 08:00:02 lb haproxy[9]: 127.0.0.1:4 [21/Nov/2026:08:00:02.275] fe 34/0A000102/0/0/0 -/TLSv1.1/(NONE)
                    downgrade-refused | 2026/11/21 08:00:09 [info] 1#1: *21 SSL_do_handshake() failed (SSL: error:0A000175:SSL routines::inappropriate fallback) while SSL handshaking, client: 192.0.2.9
                    unrecognised-name | 2026/11/21 08:00:09 [info] 1#1: *22 SSL_do_handshake() failed (SSL: error:0A0000EA:SSL routines::callback failed) while SSL handshaking, client: 192.0.2.9
                    server-misconfigured | 2026/11/21 08:00:09 [error] 1#1: *23 no "ssl_certificate" is defined in server listening on SSL port while SSL handshaking, client: 192.0.2.9
                    tls-on-plain-port | 192.0.2.9 - - [21/Nov/2026:08:00:10 +0000] "\\x16\\x03\\x01\\x02\\x00\\x01" 400 150 "-" "-"
                    name-mismatch | 2026/11/21 08:00:10 [error] 1#1: *24 upstream SSL certificate does not match "b.internal" while SSL handshaking to upstream, client: 192.0.2.9
                    missing-intermediate | curl: (60) SSL certificate problem: unable to get local issuer certificate
                    self-signed | verify error:num=18:self-signed certificate
                    weak-key-or-signature | 140735:error:0A00018A:SSL routines:tls_process_ske_dhe:dh key too small:ssl/statem/statem_clnt.c:2100:
                    version-mismatch | 2026/11/21 08:00:10 http: TLS handshake error from 192.0.2.9:4711: tls: client offered only unsupported versions: [302 301]
                    no-shared-suite | javax.net.ssl.SSLHandshakeException: no cipher suites in common
                    unknown-ca | javax.net.ssl.SSLHandshakeException: PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to find valid certification path to requested target
                    """)
    void namesTheCause(String cause, String line) {
        assertThat(counts(List.of(line))).isEqualTo(Map.of(cause, 1L));
    }

    /** What nginx 1.22, Apache 2.4.71, HAProxy 2.6 and clients really wrote, and what others are known to write. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    expired | [Sun Nov 22 21:15:46.2 2026] [ssl:info] [pid 31791:tid 31805] [remote 127.0.0.1:31013] AH02276: Certificate Verification: Error (10): certificate has expired [subject: CN=localhost / issuer: CN=Test CA / serial: 69]
                    self-signed | [Sun Nov 22 21:15:46.2 2026] [ssl:info] [pid 31791:tid 31808] [remote 127.0.0.1:31014] AH02276: Certificate Verification: Error (18): self-signed certificate [subject: CN=localhost / issuer: CN=localhost / serial: 6C]
                    missing-intermediate | [Sun Nov 22 21:15:46.2 2026] [ssl:info] [pid 31791:tid 31811] [remote 127.0.0.1:31016] AH02039: Certificate Verification: Error (20): unable to get local issuer certificate
                    name-mismatch | [Sun Nov 22 21:15:46.2 2026] [ssl:info] [pid 31791:tid 31810] [remote 127.0.0.1:31015] AH02411: SSL Proxy: Peer certificate does not match for hostname 127.0.0.1
                    handshake-failure | [Sun Nov 22 21:15:46.2 2026] [ssl:info] [pid 31791:tid 31814] [remote 127.0.0.1:31999] AH02003: SSL Proxy connect failed
                    client-certificate-missing | [Sun Nov 22 21:15:46.2 2026] [ssl:error] [pid 31791:tid 31796] [client 127.0.0.1:47728] AH10158: cannot perform post-handshake authentication
                    unrecognised-name | [Sun Nov 22 21:15:46.2 2026] [ssl:error] [pid 31791:tid 31801] [client 127.0.0.1:59308] AH02031: Hostname localhost provided via SNI, but no hostname provided in HTTP request
                    renegotiation-refused | [Sun Nov 22 21:15:46.2 2026] [ssl:error] [pid 31791:tid 31801] [client 127.0.0.1:59308] AH02042: rejecting client initiated renegotiation
                    client-certificate-revoked | 127.0.0.1:38664 [22/Nov/2026:21:15:24.309] str~ err=31 err_str=SSL client certificate not trusted ssl_fc_err=167772294 ssl_fc_err_str=error:0A000086:SSL routines::certificate verify failed c_err=23 ca_err=0 sni=localhost
                    client-crl-unusable | 127.0.0.1:38664 [22/Nov/2026:21:15:24.309] str~ err=31 err_str=SSL client certificate not trusted ssl_fc_err=167772294 ssl_fc_err_str=error:0A000086:SSL routines::certificate verify failed ssl_c_err=12 ssl_c_ca_err=0 sni=localhost
                    client-certificate-expired | {"fc_err":31,"fc_err_str":"SSL client certificate not trusted","ssl_fc_err":167772294,"ssl_c_err":10,"ssl_c_ca_err":0}
                    client-certificate-rejected | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: SSL client certificate not trusted
                    client-certificate-rejected | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe/1: SSL handshake failure (error:0A000086:SSL routines::certificate verify failed)
                    no-shared-suite | Nov 21 08:00:02 lb haproxy[914]: 192.0.2.4:1 [21/Nov/2026:08:00:02.275] fe ssl_fc_err=167772353 sni=a
                    proxy-protocol | 127.0.0.1:48734 [22/Nov/2026:21:15:23.213] str~ err=15 err_str=Received something which does not look like a PROXY protocol header ssl_fc_err=0 ssl_fc_err_str=- c_err=0
                    proxy-protocol | 127.0.0.1:48734 [22/Nov/2026:21:15:23.213] fe 15/0000000000000000/0/0/0 -/-/-
                    proxy-protocol | 2026/11/22 21:14:26 [error] 31794#31794: *42 broken header: "......" while reading PROXY protocol, client: 127.0.0.1, server: 127.0.0.1:31005
                    proxy-protocol | 2026/11/22 21:14:27 [info] 31794#31794: *43 client sent invalid request while reading client request line, client: 127.0.0.1, server: , request: "PROXY TCP4 192.0.2.3 192.0.2.4 1 443"
                    tls-on-plain-port | 192.0.2.9 nginx: client sent invalid method while reading client request line, client: 192.0.2.9, server: , request: "#026#003#001"
                    server-misconfigured | 2026/11/22 21:15:39 [info] 31794#31794: *367 SSL_do_handshake() failed (SSL: error:0A000179:SSL routines::cert cb error) while SSL handshaking, client: 127.0.0.1, server: 127.0.0.1:31012
                    client-certificate-rejected | 2026/11/22 21:15:39 [info] 31794#31794: *366 client SSL certificate verify error: certificate status request failed while reading client request headers, client: 127.0.0.1
                    not-tls | 2026/11/22 21:15:39 [info] 1#1: *3 SSL_do_handshake() failed (SSL: error:1000009c:SSL routines:OPENSSL_internal:HTTP_REQUEST) while SSL handshaking, client: 192.0.2.9
                    version-mismatch | 2026/11/22 21:15:39 [info] 1#1: *3 SSL_do_handshake() failed (SSL: error:100000f0:SSL routines:OPENSSL_internal:UNSUPPORTED_PROTOCOL) while SSL handshaking, client: 192.0.2.9
                    no-shared-group | 2026/11/22 21:15:39 [info] 1#1: *3 SSL_do_handshake() failed (SSL: error:0A00019A:SSL routines::no shared groups) while SSL handshaking, client: 192.0.2.9
                    unsafe-renegotiation | curl: (35) OpenSSL/3.0.19: error:0A000152:SSL routines::unsafe legacy renegotiation disabled
                    reset | curl: (35) OpenSSL SSL_connect: Connection reset by peer in connection to a:443
                    closed | curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to a:443
                    timeout | curl: (28) SSL connection timeout
                    closed | 2026/11/21 08:00:10 http: TLS handshake error from 192.0.2.9:4711: EOF
                    reset | 2026/11/21 08:00:10 http: TLS handshake error from 192.0.2.9:4711: read tcp 10.0.0.1:443->192.0.2.9:4711: read: connection reset by peer
                    timeout | 2026/11/21 08:00:10 http: TLS handshake error from 192.0.2.9:4711: read tcp 10.0.0.1:443->192.0.2.9:4711: i/o timeout
                    not-yet-valid | tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-21T08:00:00Z is before 2026-12-01T00:00:00Z
                    name-mismatch | tls: failed to verify certificate: x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs
                    not-tls | http: server gave HTTP response to HTTPS client
                    not-tls | javax.net.ssl.SSLException: Unsupported or unrecognized SSL message
                    version-mismatch | javax.net.ssl.SSLHandshakeException: The server selected protocol version TLS10 is not accepted by client preferences [TLS13, TLS12]
                    weak-key-or-signature | javax.net.ssl.SSLHandshakeException: Certificates do not conform to algorithm constraints
                    version-mismatch | Error: write EPROTO ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION
                    closed | Error: Client network socket disconnected before secure TLS connection was established
                    """)
    void namesTheCauseAlsoHere(String cause, String line) {
        assertThat(counts(List.of(line))).isEqualTo(Map.of(cause, 1L));
    }

    @Test
    void knowsTlsInTheErrorLogOfAPlainPort() {
        assertThat(counts(List.of(
                        "2026/11/22 21:14:24 [info] 1#1: *31 client sent invalid method while reading client request line,"
                                + " client: 192.0.2.9, server: , request: \"\u0016\u0003\u0001\u0002\"")))
                .isEqualTo(Map.of("tls-on-plain-port", 1L));
    }

    @Test
    void passesOverLinesThatAreNoFailure() {
        assertThat(counts(List.of(
                        "[Sun Nov 22 21:15:46.2 2026] [ssl:debug] [pid 1:tid 2] [client 192.0.2.9:5] AH02044: No matching SSL virtual host for servername b found (using default/first virtual host)",
                        "lb haproxy[9]: 127.0.0.1:4 [21/Nov/2026:08:00:02.275] fe be/s 26/0/0/1/1 200 99 - - ---- 24/24/0/0/0 0/0 \"GET / HTTP/1.1\"",
                        "192.0.2.9:4 [21/Nov/2026:08:00:02.275] fe be/s 0/0/0/1/1 200 99 ssl_fc_err=0 fc_err=0 ssl_c_err=0",
                        "2026/11/21 08:00:09 [warn] a client request body is buffered, sent in the http request",
                        "192.0.2.9 - - [21/Nov/2026:08:00:10 +0000] \"GET / HTTP/1.1\" 200 150 \"-\" \"curl/8\"",
                        "Nov 21 08:00:02 lb haproxy[9]: 127.0.0.1:4 [21/Nov/2026:08:00:02.275] fe be/s 0/0/0/1/1 200 99 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\" 0/0000000000000000/0/0/0 a/TLSv1.3/TLS_AES_128_GCM_SHA256",
                        "2026/11/21 08:00:09 [notice] 1#1: signal process started",
                        "Verify return code: 0 (ok)",
                        "")))
                .isEmpty();
    }

    @Test
    void countsTheLinesOfOneConnectionOfApacheOnce() {
        List<String> log = List.of(
                "[Sat Nov 21 08:00:00.1 2026] [ssl:info] [pid 77:tid 88] [client 192.0.2.9:5000] AH01964: Connection to child 3 established (server a:443)",
                "[Sat Nov 21 08:00:00.1 2026] [ssl:error] [pid 77:tid 88] [client 192.0.2.9:5000] AH02039: Certificate Verification: Error (10): certificate has expired",
                "[Sat Nov 21 08:00:00.1 2026] [ssl:info] [pid 77:tid 88] [client 192.0.2.9:5000] AH02008: SSL library error 1 in handshake (server a:443)",
                "[Sat Nov 21 08:00:00.1 2026] [ssl:info] [pid 77:tid 88] SSL Library Error: error:0A000086:SSL routines::certificate verify failed",
                "[Sat Nov 21 08:00:01.1 2026] [ssl:info] [pid 77:tid 88] [client 192.0.2.9:5001] AH02008: SSL library error 1 in handshake (server a:443)",
                "[Sat Nov 21 08:00:01.1 2026] [ssl:info] [pid 77:tid 88] SSL Library Error: error:0A0000C1:SSL routines::no shared cipher -- Too restrictive SSLCipherSuite or using DSA server certificate?",
                "[Sat Nov 21 08:00:02.1 2026] [ssl:info] [pid 77:tid 89] [client 192.0.2.9:5002] AH02008: SSL library error 1 in handshake (server a:443)",
                "[Sat Nov 21 08:00:02.1 2026] [ssl:info] [pid 77:tid 89] SSL Library Error: error:0A000102:SSL routines::unsupported protocol");

        assertThat(counts(log))
                .isEqualTo(Map.of("client-certificate-expired", 1L, "no-shared-suite", 1L, "version-mismatch", 1L));
    }

    @Test
    void countsThePairOfLinesOfPostfixOnce() {
        assertThat(
                        counts(
                                List.of(
                                        "Nov 21 08:00:00 mx postfix/smtpd[4242]: SSL_accept error from unknown[192.0.2.9]: -1",
                                        "Nov 21 08:00:00 mx postfix/smtpd[4242]: warning: TLS library problem: error:0A000102:SSL routines::unsupported protocol:ssl/statem/statem_srvr.c:1657:",
                                        "Nov 21 08:00:05 mx postfix/smtpd[4242]: SSL_accept error from unknown[192.0.2.10]: lost connection",
                                        "Nov 21 08:00:06 mx postfix/smtpd[4242]: SSL_accept error from unknown[192.0.2.10]: -1",
                                        "Nov 21 08:00:06 mx postfix/smtpd[4242]: warning: TLS library problem: error:0A0000C1:SSL routines::no shared cipher:ssl/statem/statem_srvr.c:2220:")))
                .isEqualTo(Map.of("version-mismatch", 1L, "handshake-failure", 1L, "no-shared-suite", 1L));
    }

    @Test
    void countsTheFourLinesOfOpensslsClientOnce() {
        List<String> once = List.of(
                "verify error:num=20:unable to get local issuer certificate",
                "verify error:num=21:unable to verify the first certificate",
                "40378129FE7E0000:error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify failed:../ssl/statem/statem_clnt.c:1889:",
                "Verification error: unable to verify the first certificate",
                "    Verify return code: 21 (unable to verify the first certificate)");
        List<String> twice = new ArrayList<>(once);
        twice.addAll(once);
        twice.add("    Verify return code: 0 (ok)");

        assertThat(counts(once)).isEqualTo(Map.of("missing-intermediate", 1L));
        assertThat(counts(twice)).isEqualTo(Map.of("missing-intermediate", 2L));
        assertThat(counts(List.of(
                        "    Verify return code: 10 (certificate has expired)",
                        "    Verify return code: 10 (certificate has expired)",
                        "verify error:num=18:self-signed certificate")))
                .isEqualTo(Map.of("expired", 2L, "self-signed", 1L));
    }

    /** As s_server 3.0 writes them: one client without a known CA, one with an old certificate, one without any. */
    @Test
    void whatTheServerOfOpensslSaysIsOfTheClientsCertificate() {
        String failed =
                "4037113E9A7F0000:error:0A000086:SSL routines:tls_process_client_certificate:certificate verify failed:../ssl/statem/statem_srvr.c:3530:";
        List<String> log = List.of(
                "depth=0 CN = foreign",
                "verify error:num=18:self-signed certificate",
                "ERROR",
                "verify error:self-signed certificate",
                failed,
                "depth=0 CN = old client",
                "verify error:num=10:certificate has expired",
                "notAfter=Nov 20 23:15:46 2026 GMT",
                "ERROR",
                "verify error:certificate has expired",
                failed,
                "ERROR",
                "4037113E9A7F0000:error:0A0000C7:SSL routines:tls_process_client_certificate:peer did not return a certificate:../ssl/statem/statem_srvr.c:3517:");

        assertThat(counts(log))
                .isEqualTo(Map.of(
                        "client-certificate-unknown-ca", 1L,
                        "client-certificate-expired", 1L,
                        "client-certificate-missing", 1L));
    }

    @Test
    void ordersByCountAndSharesSumToOne() {
        LogDiagnosis log = new LogDiagnosis();
        for (int i = 0; i < 6; i++) {
            log.line("lb haproxy[9]: 192.0.2.4:" + i + " [x] fe/1: Timeout during SSL handshake");
        }
        log.line("lb haproxy[9]: 192.0.2.4:99 [x] fe/1: SSL handshake failure");
        log.line("nothing");
        LogDiagnosis.Result result = log.result();

        assertThat(result.lines()).isEqualTo(8);
        assertThat(result.failures()).isEqualTo(7);
        assertThat(result.causes())
                .extracting(LogDiagnosis.Count::cause)
                .containsExactly("timeout", "handshake-failure");
        assertThat(result.causes().getFirst().examples()).hasSize(3);
        assertThat(result.causes().stream()
                        .mapToDouble(LogDiagnosis.Count::share)
                        .sum())
                .isBetween(0.999, 1.001);
        assertThat(result.causes())
                .allSatisfy(count -> assertThat(count.remedy()).isNotBlank());
    }

    @Test
    void everyCauseSaysWhatToDo() {
        for (Cause cause : Cause.values()) {
            assertThat(cause.meaning()).isNotBlank().endsWith(".");
            assertThat(cause.remedy()).isNotBlank().endsWith(".");
        }
    }

    private static Map<String, Long> counts(List<String> lines) {
        LogDiagnosis log = new LogDiagnosis();
        lines.forEach(log::line);
        return log.result().causes().stream()
                .collect(Collectors.toMap(LogDiagnosis.Count::cause, LogDiagnosis.Count::count));
    }
}
