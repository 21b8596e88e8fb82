package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.Pki;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.tls.x509.ChainJudge;
import io.tlsfleet.tls.x509.ChainQuestion;
import io.tlsfleet.tls.x509.TrustStore;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A private chain is trusted where its root was given for the target, and nowhere else. */
class TrustBookTest {
    private static final Instant AT = Instant.parse("2026-11-21T08:00:00Z");
    private static final byte[] ROOT =
            Pki.PRIVATE.anchors().getFirst().certificate().der();

    @Test
    void forASite() {
        TrustBook book = new TrustBook(List.of(anchor(null, null, "plant")));
        assertThat(trusted(book, target("plant", "ops"))).isTrue();
        assertThat(trusted(book, target("office", "ops"))).isFalse();
    }

    @Test
    void forAnOwnersTagOnly() {
        TrustBook book = new TrustBook(List.of(anchor("ops", "env:lab", null)));
        assertThat(trusted(book, target("plant", "ops"))).isTrue();
        assertThat(trusted(book, target("plant", "web"))).isFalse();
    }

    @Test
    void forAHostOrThoseOfAPattern() {
        assertThat(trusted(new TrustBook(List.of(forHost("A.example"))), target("plant", "ops")))
                .isTrue();
        assertThat(trusted(new TrustBook(List.of(forHost("*.example"))), target("plant", "ops")))
                .isTrue();
        assertThat(trusted(new TrustBook(List.of(forHost("b.example"))), target("plant", "ops")))
                .isFalse();
        assertThat(trusted(
                        new TrustBook(List.of(new TrustBook.Anchor("ab", ROOT, "*.example", null, null, "office"))),
                        target("plant", "ops")))
                .as("host and site")
                .isFalse();
    }

    private static TrustBook.Anchor forHost(String host) {
        return new TrustBook.Anchor("ab", ROOT, host, null, null, null);
    }

    @Test
    void forEverybody() {
        assertThat(trusted(new TrustBook(List.of(anchor(null, null, null))), target("any", "any")))
                .isTrue();
        assertThat(trusted(TrustBook.NONE, target("any", "any"))).isFalse();
    }

    @Test
    void whatTheProcessWasGivenStaysInTheSameStore() {
        byte[] other = Pki.leaf(l -> {}).der();
        List<TrustStore> stores = new TrustBook(List.of(anchor(null, null, "plant")))
                .of(target("plant", "ops"), List.of(TrustStore.mozilla(), TrustStore.of("given", List.of(other))));
        assertThat(stores).extracting(TrustStore::name).containsExactly("mozilla", "given");
        assertThat(stores.getLast().anchors()).hasSize(2);
        assertThat(stores.getLast().publicTrust()).isFalse();
    }

    @Test
    void aTagIsAKeyAndAValue() {
        assertThatThrownBy(() -> anchor(null, "lab", null)).isInstanceOf(IllegalArgumentException.class);
    }

    private static TrustBook.Anchor anchor(@Nullable String owner, @Nullable String tag, @Nullable String site) {
        return new TrustBook.Anchor("ab", ROOT, null, owner, tag, site);
    }

    private static boolean trusted(TrustBook book, Target target) {
        List<TrustStore> stores = book.of(target, List.of(TrustStore.mozilla()));
        return ChainJudge.judge(ChainQuestion.of(List.of(Pki.leaf(l -> {}).der(), Pki.INTERMEDIATE.der()), stores, AT))
                .trusted();
    }

    private static Target target(String site, String owner) {
        return new Target("a.example", 443, null, null, List.of(), null, Map.of("env", "lab"), owner, site, null, null);
    }
}
