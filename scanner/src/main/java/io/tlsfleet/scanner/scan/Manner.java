package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.probe.Menu;
import io.tlsfleet.scanner.probe.Offer;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** How a listener likes its hellos. */
record Manner(Set<Without> without) {
    /** What a hello does without, for a listener that cannot read it else. */
    enum Without {
        /** Every extension that can be spared. */
        EXTRAS,
        /** More than a few of each kind. */
        LENGTH,
        /** More than a few signature schemes. */
        SCHEMES,
        /** Up to TLS 1.2, the signature schemes that servers have today. */
        BETTER_SCHEMES,
        /** The wish for a staple. */
        STAPLE,
        /** Application protocols, in TLS 1.3. */
        PROTOCOLS,
        /** In TLS 1.3 alone: groups that must not be offered there (RFC 8446 section 4.2.7). */
        OLD_GROUPS
    }

    private static final int MOST_GROUPS_OF_SMALL = 12;

    static final Manner USUAL = new Manner(Set.of());
    static final Manner SMALL = new Manner(Set.of(Without.EXTRAS, Without.LENGTH, Without.STAPLE));

    Manner and(Without more) {
        Set<Without> both = EnumSet.of(more);
        both.addAll(without);
        return new Manner(both);
    }

    boolean isPlain() {
        return without.contains(Without.EXTRAS);
    }

    boolean isSmall() {
        return without.contains(Without.LENGTH);
    }

    boolean namesProtocols() {
        return !without.contains(Without.PROTOCOLS);
    }

    int widest() {
        return isSmall() ? 24 : 1024;
    }

    /** As many of them, the first ones, as a hello names. */
    List<NamedGroup> groups(List<NamedGroup> all) {
        return isSmall() ? all.subList(0, Math.min(all.size(), MOST_GROUPS_OF_SMALL)) : all;
    }

    Offer shape(Offer offer) {
        Offer shaped = offer;
        if (isPlain() || without.contains(Without.STAPLE)) {
            shaped = shaped.withStaple(false);
        }
        if (!namesProtocols() && offer.newest().equals(ProtocolVersion.TLS_1_3)) {
            shaped = shaped.withAlpn(List.of());
        }
        if (without.contains(Without.OLD_GROUPS)) {
            shaped = withoutOldGroups(shaped);
        }
        if (without.contains(Without.BETTER_SCHEMES) && offer.newest().compareTo(ProtocolVersion.TLS_1_3) < 0) {
            shaped = shaped.withSchemes(Menu.LAST_SCHEMES);
        } else if (isSmall() || without.contains(Without.SCHEMES)) {
            shaped = shaped.withSchemes(few(offer.schemes()));
        }
        return isSmall() ? shaped.withGroups(groups(shaped.groups())) : shaped;
    }

    /** Where there are no others they stay: that they are refused is the answer. */
    private static Offer withoutOldGroups(Offer offer) {
        List<NamedGroup> today = offer.groups().stream()
                .filter(g -> !Menu.OLD_GROUPS.contains(g))
                .toList();
        return today.isEmpty() || !offer.versions().equals(List.of(ProtocolVersion.TLS_1_3))
                ? offer
                : offer.withGroups(today);
    }

    /** The best known of those that are offered. */
    private static List<SignatureScheme> few(List<SignatureScheme> schemes) {
        List<SignatureScheme> known =
                schemes.stream().filter(Menu.SMALL_SCHEMES::contains).toList();
        return known.isEmpty() ? schemes.stream().limit(10).toList() : known;
    }
}
