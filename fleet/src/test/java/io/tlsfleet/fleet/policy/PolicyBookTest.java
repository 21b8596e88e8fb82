package io.tlsfleet.fleet.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tlsfleet.fleet.target.Target;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyBookTest {
    private static final PolicyBook BOOK = new PolicyBook(
            Map.of("shop", Policies.parse("name: shop\nextends: public-web\n")),
            List.of(
                    new PolicyBook.Assignment("pci-dss-4.0.1", null, null, "scope:cards", null),
                    new PolicyBook.Assignment("shop", null, "web", null, null),
                    new PolicyBook.Assignment("bsi-tr-02102-2", null, "web", null, "berlin"),
                    new PolicyBook.Assignment("gone", null, null, null, "berlin")));

    @Test
    void judgesByEverythingThatIsAssignedAtOnce() {
        assertThat(names(target("web", "berlin", Map.of("scope", "cards"), null)))
                .containsExactly("pci-dss-4.0.1", "shop", "bsi-tr-02102-2");
        assertThat(names(target("web", "local", Map.of("scope", "public"), null)))
                .containsExactly("shop");
    }

    @Test
    void aTargetsOwnWordCountsAlone() {
        assertThat(names(target("web", "berlin", Map.of("scope", "cards"), "iot")))
                .containsExactly("iot");
        assertThat(names(target("web", "berlin", Map.of(), "iot, shop;public-web")))
                .containsExactly("iot", "shop", "public-web");
    }

    @Test
    void fallsBackToTheDefaultRatherThanJudgeNobody() {
        assertThat(names(target("mail", "local", Map.of(), null))).containsExactly("public-web");
        assertThat(names(target("mail", "berlin", Map.of(), null)))
                .as("assigned to what is no longer there")
                .containsExactly("public-web");
        assertThat(names(target("mail", "local", Map.of(), "nonsense"))).containsExactly("public-web");
    }

    @Test
    void ownFilesExtendEachOtherInAnyOrder() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("a", "name: a\nextends: b\n");
        texts.put("b", "name: b\nextends: mozilla-modern-6.0\nticketKeyHours: 7\n");
        Map<String, InvalidPolicy> unread = new HashMap<>();

        Map<String, Policy> read = PolicyBook.read(texts, unread);

        assertThat(unread).isEmpty();
        Policy a = Objects.requireNonNull(read.get("a"));
        assertThat(a.ticketKeyHours()).isEqualTo(7);
        assertThat(a.protocols().allowed()).containsExactly("TLSv1.3");
    }

    @Test
    void twoThatExtendEachOtherAreToldAndLeftOut() {
        Map<String, String> texts = Map.of(
                "a", "name: a\nextends: b\n", "b", "name: b\nextends: a\n", "c", "name: c\nextends: public-web\n");
        Map<String, InvalidPolicy> unread = new HashMap<>();

        Map<String, Policy> read = PolicyBook.read(texts, unread);

        assertThat(unread.keySet()).containsExactlyInAnyOrder("a", "b");
        assertThat(read.keySet()).containsExactly("c");
    }

    @Test
    void anAssignmentToNobodyIsNone() {
        assertThatThrownBy(() -> new PolicyBook.Assignment("shop", null, null, null, null))
                .hasMessageContaining("a host, an owner, a tag or a site");
        assertThatThrownBy(() -> new PolicyBook.Assignment("shop", null, null, "cards", null))
                .hasMessageContaining("key:value");
    }

    @Test
    void aHostsPatternTakesWhatItMatchesAndNothingElse() {
        PolicyBook.Assignment wild = new PolicyBook.Assignment("shop", "*.Corp.example", "web", null, null);
        assertThat(wild.takes(host("a.corp.EXAMPLE", "web"))).isTrue();
        assertThat(wild.takes(host("a.corp.example", "mail"))).isFalse();
        assertThat(wild.takes(host("corp.example", "web"))).isFalse();
        assertThat(wild.takes(host("a.corp.example.org", "web"))).isFalse();
    }

    private static Target host(String host, String owner) {
        return new Target(host, 443, null, null, List.of(), null, Map.of(), owner, null, null, null);
    }

    private static List<String> names(Target target) {
        return BOOK.of(target).stream().map(Policy::name).toList();
    }

    private static Target target(String owner, String site, Map<String, String> tags, @Nullable String policy) {
        return new Target("h.example", 443, null, null, List.of(), null, tags, owner, site, policy, null);
    }
}
