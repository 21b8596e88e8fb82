package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.change.Change;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of the endpoint and its fleet, for the rules that one scan cannot decide. A plain value that the
 * store fills; {@link #NONE} is the memory of a scan on the command line.
 *
 * @param owner who answers for the endpoint
 * @param expectIdentity the workload identity ({@code spiffe://…}) the target expects instead of its host name
 * @param unreachableScans how many scans in a row found no endpoint, or one without TLS, this one included
 * @param ticketKeys the ticket key names seen at this endpoint
 * @param keyUse by SPKI SHA-256 of a served leaf: who else serves that key
 * @param knownKeys by SPKI SHA-256: why its private key is taken to be known (a factor shared with another key, a list)
 * @param intermediateUse by certificate SHA-256: how many endpoints of the fleet serve or need it
 * @param newer by leaf SHA-256: a newer certificate for the same names that is known and not served here
 * @param otherAddresses what the other addresses behind this name showed when last seen
 * @param elsewhere what other sites lately saw of the same name
 * @param renewals at which share of its lifetime (0 to 1) each earlier leaf was replaced here, newest last
 * @param renewalWindows by leaf SHA-256: ACME renewal information (RFC 9773) of its issuer
 * @param issuersNotBackdating issuer subjects whose leaves were first seen within minutes of their notBefore
 * @param sameSerial by SHA-256 of a served certificate: others that were seen with its issuer's name and its serial number
 * @param changes what differs from the last observation, in words ({@code fleet.change})
 * @param coverageFall set when far fewer facts could be had than last time
 */
public record Memory(
        @Nullable String owner,
        @Nullable String expectIdentity,
        int unreachableScans,
        List<TicketKey> ticketKeys,
        Map<String, KeyUse> keyUse,
        Map<String, String> knownKeys,
        Map<String, Integer> intermediateUse,
        Map<String, Newer> newer,
        List<Member> otherAddresses,
        List<Elsewhere> elsewhere,
        List<Double> renewals,
        Map<String, RenewalWindow> renewalWindows,
        Map<String, Duration> issuersNotBackdating,
        Map<String, List<Twin>> sameSerial,
        List<String> changes,
        @Nullable CoverageFall coverageFall) {
    public Memory {
        elsewhere = Objects.requireNonNullElse(elsewhere, List.of()); // what was written down before it was asked
    }

    public static final Memory NONE = new Memory(
            null, null, 0, List.of(), Map.of(), Map.of(), Map.of(), Map.of(), List.of(), List.of(), List.of(), Map.of(),
            Map.of(), Map.of(), List.of(), null);

    /** One ticket key name at this endpoint; {@code otherOwners} use it too. */
    public record TicketKey(String name, Instant firstSeen, Instant lastSeen, Set<String> otherOwners) {}

    /** Endpoints that serve a key, this one included, and their owners. */
    public record KeyUse(int endpoints, Set<String> owners, List<String> examples) {}

    /** {@code seenAt}: another address, another endpoint, an import. */
    public record Newer(String sha256, Instant notBefore, Instant notAfter, String seenAt) {}

    /** A certificate, those it was served with that bear its issuer's name, and where it was seen. */
    public record Twin(byte[] der, List<byte[]> issuers, String seenAt) {}

    /** Another address of the endpoint; {@code leaves} by key type, {@code configHash} as {@code Canonical} makes it. */
    public record Member(
            String address,
            Map<String, String> leaves,
            @Nullable String configHash,
            Instant seen) {}

    /**
     * The same name from the site {@code there}, {@code here} being the endpoint's own. {@code differences} (before: there,
     * after: here) are to the nearest of what was seen there in the last days; {@code settled}: both looked again since.
     */
    public record Elsewhere(
            String here,
            String there,
            long endpoint,
            String address,
            Instant seen,
            List<Change> differences,
            boolean settled) {}

    /** {@code firstStart}: when it began as it was first told; null where that is not remembered. */
    public record RenewalWindow(
            Instant start,
            Instant end,
            @Nullable String explanation,
            @Nullable Instant firstStart) {
        /** It ends before it was ever to begin: the issuer wants the certificate replaced early. */
        public boolean movedEarlier() {
            return firstStart != null && end.isBefore(firstStart);
        }
    }

    /** Facts known last time and this time. */
    public record CoverageFall(int knownBefore, int knownNow) {}
}
