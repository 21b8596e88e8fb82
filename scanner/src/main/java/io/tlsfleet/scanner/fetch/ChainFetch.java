package io.tlsfleet.scanner.fetch;

import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.tls.wire.MalformedMessage;
import io.tlsfleet.tls.x509.CertificateFacts;
import io.tlsfleet.tls.x509.CrlExcerpt;
import io.tlsfleet.tls.x509.OcspRequest;
import io.tlsfleet.tls.x509.OcspResponse;
import io.tlsfleet.tls.x509.Pem;
import io.tlsfleet.tls.x509.RevocationList;
import io.tlsfleet.tls.x509.TrustStore;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a served chain needs from the network to be judged: the issuers it leaves out, and, where asked for, what its
 * issuers say of it now. Never more than a handful of requests, whatever the certificates name.
 */
public final class ChainFetch {
    private static final int MAX_CERTIFICATE = 64 << 10;
    private static final int MAX_OCSP = 64 << 10;
    private static final int MAX_CRL = 16 << 20;
    private static final int MAX_REQUESTS = 12;
    private static final int MAX_HEIGHT = 6;
    private static final int URLS_OF_EACH = 2;
    private static final int NONCE = 32;
    /** RFC 5019 section 5: a request of up to 255 bytes goes by GET, which caches can answer. */
    private static final int MAX_GET = 255;

    private final Fetcher fetcher;
    private final LongLists longLists;
    private final InstantSource clock;
    private final RandomGenerator random;

    public ChainFetch(Fetcher fetcher, InstantSource clock, RandomGenerator random) {
        this.fetcher = fetcher;
        this.longLists = new LongLists(fetcher, clock);
        this.clock = clock;
        this.random = random;
    }

    /** {@code revocation}: OCSP and CRLs too, not only issuers. */
    public List<Observation.Fetched> fetch(List<byte[]> chain, List<TrustStore> stores, boolean revocation)
            throws InterruptedException {
        if (chain.isEmpty()) {
            return List.of();
        }
        Errand errand = new Errand(chain, stores);
        errand.issuers();
        if (revocation) {
            errand.revocation();
        }
        return List.copyOf(errand.fetched);
    }

    private final class Errand {
        private final List<CertificateFacts> pool = new ArrayList<>();
        private final List<TrustStore> stores;
        private final List<Observation.Fetched> fetched = new ArrayList<>();
        private final List<CertificateFacts> path = new ArrayList<>();
        private final Set<String> lists = new HashSet<>();
        private int requests;

        Errand(List<byte[]> chain, List<TrustStore> stores) {
            chain.stream().limit(20).map(CertificateFacts::read).forEach(pool::add);
            this.stores = stores;
            path.add(pool.getFirst());
        }

        /** Up from the leaf by what was sent, then by what the last certificate says of its issuer. */
        void issuers() throws InterruptedException {
            while (path.size() <= MAX_HEIGHT && !path.getLast().selfIssued()) {
                CertificateFacts child = path.getLast();
                Optional<CertificateFacts> anchor = stores.stream()
                        .flatMap(store -> store.issuersOf(child).stream())
                        .findFirst();
                if (anchor.isPresent()) {
                    path.add(anchor.get());
                    return;
                }
                Optional<CertificateFacts> issuer = issuer(child);
                if (issuer.isEmpty()) {
                    for (String url : first(child.extensions().caIssuersUrls())) {
                        fetchIssuer(url);
                        issuer = issuer(child);
                        if (issuer.isPresent()) {
                            break;
                        }
                    }
                }
                if (issuer.isEmpty()) {
                    return;
                }
                path.add(issuer.get());
            }
        }

        private Optional<CertificateFacts> issuer(CertificateFacts child) {
            return pool.stream()
                    .filter(candidate -> !path.contains(candidate) && child.signedBy(candidate))
                    .findFirst();
        }

        private void fetchIssuer(String url) throws InterruptedException {
            if (!may(url, "issuer")) {
                return;
            }
            Fetcher.Fetched answer = fetcher.get(url, 4 * MAX_CERTIFICATE, bytes -> Duration.ofDays(1));
            byte[] bytes = answer.bytes();
            if (bytes == null) {
                fetched.add(new Observation.Fetched("issuer", url, answer.at(), null, answer.failure()));
                return;
            }
            List<byte[]> certificates = Pem.certificates(bytes);
            certificates.stream().limit(4).forEach(der -> {
                pool.add(CertificateFacts.read(der));
                fetched.add(new Observation.Fetched("issuer", url, answer.at(), der, null));
            });
            if (certificates.isEmpty()) {
                fetched.add(new Observation.Fetched("issuer", url, answer.at(), null, "no certificate"));
            }
        }

        void revocation() throws InterruptedException {
            for (int i = 0; i < path.size(); i++) {
                CertificateFacts certificate = path.get(i);
                boolean issuerKnown = i + 1 < path.size();
                if (!issuerKnown && (certificate.selfIssued() || isAnchor(certificate))) {
                    return;
                }
                boolean answered = false;
                // who judges may know an anchor that is not known here
                CertificateFacts issuer = issuerKnown ? path.get(i + 1) : null;
                for (String url : first(certificate.extensions().ocspUrls())) {
                    answered = answered || ocsp(url, certificate, issuer);
                }
                if (!answered) {
                    lists(certificate);
                }
            }
        }

        private boolean isAnchor(CertificateFacts certificate) {
            return stores.stream()
                    .flatMap(store -> store.anchors().stream())
                    .anyMatch(anchor -> anchor.certificate().equals(certificate));
        }

        private static Optional<byte[]> request(
                CertificateFacts certificate, @Nullable CertificateFacts issuer, byte[] nonce) {
            return issuer == null
                    ? OcspRequest.aboutUnknownIssuer(certificate, nonce)
                    : Optional.of(OcspRequest.about(certificate, issuer, nonce));
        }

        /**
         * GET first, for it may come from a cache; POST with a nonce where the responder knows no GET. True where the
         * answer tells good from revoked as of now, so that lists need not be asked.
         */
        private boolean ocsp(String url, CertificateFacts certificate, @Nullable CertificateFacts issuer)
                throws InterruptedException {
            byte[] nonce = new byte[NONCE];
            random.nextBytes(nonce);
            Optional<byte[]> plainly = request(certificate, issuer, new byte[0]);
            Optional<byte[]> withNonce = request(certificate, issuer, nonce);
            if (plainly.isEmpty() || withNonce.isEmpty() || !may(url, "ocsp")) {
                return false;
            }
            byte[] plain = plainly.get();
            Fetcher.Fetched answer = null;
            if (plain.length <= MAX_GET) {
                String encoded =
                        URLEncoder.encode(Base64.getEncoder().encodeToString(plain), StandardCharsets.US_ASCII);
                answer = fetcher.get(
                        url + (url.endsWith("/") ? "" : "/") + encoded, MAX_OCSP, bytes -> untilNextUpdate(bytes));
            }
            if (answer == null || !good(answer)) {
                requests++;
                Fetcher.Fetched posted = fetcher.post(
                        url, withNonce.get(), "application/ocsp-request", MAX_OCSP, bytes -> Duration.ZERO);
                answer = posted;
                if (good(posted) && !nonceFits(posted, nonce)) {
                    answer = new Fetcher.Fetched(posted.at(), null, "the response repeats another nonce than was sent");
                }
            }
            String failure = answer.failure();
            if (issuer == null && failure != null && failure.startsWith("HTTP ")) {
                failure += Observation.Fetched.ISSUER_UNKNOWN;
            }
            fetched.add(new Observation.Fetched("ocsp", url, answer.at(), answer.bytes(), failure));
            return good(answer) && tells(answer.bytes(), certificate);
        }

        private boolean tells(byte @Nullable [] response, CertificateFacts certificate) {
            try {
                return response != null
                        && OcspResponse.read(response).responses().stream()
                                .anyMatch(
                                        single -> Arrays.equals(single.id().serialNumber(), certificate.serialNumber())
                                                && single.status() != OcspResponse.CertStatus.UNKNOWN
                                                && single.isCurrent(clock.instant()));
            } catch (MalformedMessage e) {
                return false;
            }
        }

        /** Complete lists, and the differences to them that the certificate or the lists name. */
        private void lists(CertificateFacts certificate) throws InterruptedException {
            List<String> differences = new ArrayList<>(certificate.extensions().deltaCrlUrls());
            for (String url : first(certificate.extensions().crlUrls())) {
                byte[] list = crl(url, certificate);
                if (list != null) {
                    differences.addAll(RevocationList.deltaUrls(list));
                }
            }
            for (String url : first(differences)) {
                crl(url, certificate);
            }
        }

        private byte @Nullable [] crl(String url, CertificateFacts certificate) throws InterruptedException {
            if (!lists.add(url) || !may(url, "crl")) {
                return null;
            }
            Fetcher.Fetched answer = fetcher.get(url, MAX_CRL, bytes -> untilListIsDue(bytes));
            byte[] bytes = answer.bytes();
            String failure = String.valueOf(answer.failure());
            if (failure.contains("larger than") && !failure.endsWith(HttpExchange.WITHOUT_LENGTH)) {
                answer = longLists.about(certificate, url);
            } else if (bytes != null && CrlExcerpt.is(bytes)) {
                answer = new Fetcher.Fetched(answer.at(), null, "no revocation list");
            }
            fetched.add(new Observation.Fetched("crl", url, answer.at(), answer.bytes(), answer.failure()));
            return answer.bytes();
        }

        private boolean may(String url, String kind) {
            if (!isHttp(url)) {
                fetched.add(new Observation.Fetched(kind, url, clock.instant(), null, "unsupported"));
                return false;
            }
            return ++requests <= MAX_REQUESTS;
        }
    }

    /** Those that can be asked before those that cannot, such as {@code ldap:}. */
    private static List<String> first(List<String> urls) {
        Set<String> distinct = new LinkedHashSet<>();
        urls.stream().filter(ChainFetch::isHttp).forEach(distinct::add);
        distinct.addAll(urls);
        return distinct.stream().limit(URLS_OF_EACH).toList();
    }

    private static boolean isHttp(String url) {
        return url.toLowerCase(Locale.ROOT).startsWith("http://");
    }

    private static boolean good(Fetcher.Fetched answer) {
        byte[] bytes = answer.bytes();
        if (bytes == null) {
            return false;
        }
        try {
            return OcspResponse.read(bytes).responseStatus() == 0;
        } catch (MalformedMessage e) {
            return false;
        }
    }

    /** A responder may leave the nonce out (RFC 9654), but not answer another one's. */
    private static boolean nonceFits(Fetcher.Fetched answer, byte[] nonce) {
        byte[] bytes = answer.bytes();
        try {
            byte[] repeated = bytes == null ? null : OcspResponse.read(bytes).nonce();
            return repeated == null
                    || Arrays.equals(repeated, OcspRequest.nonceValue(nonce))
                    || Arrays.equals(repeated, nonce);
        } catch (MalformedMessage e) {
            return false;
        }
    }

    private Duration untilNextUpdate(byte[] response) {
        try {
            return OcspResponse.read(response).responses().stream()
                    .map(single -> until(single.nextUpdate()))
                    .min(Duration::compareTo)
                    .orElse(Duration.ZERO);
        } catch (MalformedMessage e) {
            return Duration.ofMinutes(5);
        }
    }

    private Duration untilListIsDue(byte[] list) {
        return until(RevocationList.nextUpdate(list).orElse(null));
    }

    /** At most a day, so that an early revocation is seen; at least five minutes, so that nobody is hammered. */
    private Duration until(@Nullable Instant due) {
        return until(due, clock.instant());
    }

    static Duration until(@Nullable Instant due, Instant now) {
        Duration left = due == null ? Duration.ZERO : Duration.between(now, due);
        Duration most = Duration.ofHours(12);
        Duration least = Duration.ofMinutes(5);
        return left.compareTo(most) > 0 ? most : left.compareTo(least) < 0 ? least : left;
    }
}
