package io.tlsfleet.api.inventory;

import com.fasterxml.jackson.databind.JsonNode;
import io.tlsfleet.api.input.InvalidInput;
import io.tlsfleet.api.input.InvalidInput.FieldError;
import io.tlsfleet.api.input.Members;
import io.tlsfleet.api.input.Text;
import io.tlsfleet.fleet.observation.Depth;
import io.tlsfleet.fleet.policy.PolicyBook;
import io.tlsfleet.fleet.target.InvalidTarget;
import io.tlsfleet.fleet.target.StarttlsProtocol;
import io.tlsfleet.fleet.target.Target;
import io.tlsfleet.fleet.target.TargetLines;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A target as JSON, with the sites and policies that exist. */
public final class TargetInput {
    private static final int LEAST_INTERVAL = 10;
    private static final int MOST_INTERVAL = 366 * 86_400;
    private static final int MOST_TAGS = 64;
    private static final int MOST_ADDRESSES = 64;
    private static final int MOST_SITES = 32;
    private static final int MOST_ERRORS = 100;
    private static final Set<String> DEPTHS = Set.of("certificate", "standard", "full");

    private final Set<String> sites;
    private final Set<String> policies;

    public TargetInput(Set<String> sites, Set<String> policies) {
        this.sites = Set.copyOf(sites);
        this.policies = Set.copyOf(policies);
    }

    /** One object, or an array of them: all of it, or an error that names what is wrong in any. */
    public List<Target> all(JsonNode body, int most) {
        if (!body.isArray()) {
            Members members = Members.of(body);
            Target target = target(members);
            members.done();
            return Objects.requireNonNull(target).perSite();
        }
        if (body.isEmpty()) {
            throw new InvalidInput("body", "the array is empty");
        }
        if (body.size() > most) {
            throw new InvalidInput(
                    "body", body.size() + " targets are more than " + most + ": use POST /api/v1/targets/import");
        }
        List<FieldError> errors = new ArrayList<>();
        List<Target> targets = new ArrayList<>();
        for (int i = 0; i < body.size(); i++) {
            Members members = Members.of(body.get(i), Integer.toString(i), errors);
            Target target = target(members);
            members.checkUnknown();
            if (target != null) {
                targets.addAll(target.perSite());
            }
        }
        if (!errors.isEmpty()) {
            throw new InvalidInput(errors.subList(0, Math.min(errors.size(), MOST_ERRORS)));
        }
        return targets;
    }

    public Target one(JsonNode object) {
        Members members = Members.of(object);
        if (object.has("sites")) {
            members.wrong("sites", "a target that is there already belongs to one site: add it to the others");
        }
        Target target = target(members);
        members.done();
        return Objects.requireNonNull(target);
    }

    /** What is said of every target of a file, on one that is nowhere. */
    public Target each(JsonNode object) {
        Members members = Members.of(object);
        Target each = new Target(
                "each.invalid",
                Target.DEFAULT_PORT,
                null,
                null,
                List.of(),
                depth(members),
                members.map("tags", MOST_TAGS, 1000),
                members.text("owner", 200),
                members.text("site", 200),
                members.text("policy", 200),
                interval(members));
        members.done();
        each.perSite().stream()
                .map(this::unknown)
                .flatMap(Optional::stream)
                .findFirst()
                .ifPresent(wrong -> {
                    throw new InvalidInput(List.of(wrong));
                });
        return each;
    }

    /** What a file's line names that is not known here. */
    Optional<FieldError> unknown(Target target) {
        if (target.site() != null && !sites.contains(target.site())) {
            return Optional.of(new FieldError(
                    "site",
                    "site '" + Text.shown(target.site()) + "' is not known here; there are "
                            + String.join(", ", sites.stream().sorted().toList()) + Members.SITE_FIRST));
        }
        for (String policy : PolicyBook.names(target.policy())) {
            if (!policies.contains(policy)) {
                return Optional.of(new FieldError(
                        "policy",
                        "policy '" + Text.shown(policy) + "' is not known here; there are "
                                + String.join(", ", policies.stream().sorted().toList())));
            }
        }
        return Optional.empty();
    }

    /** One site, or with {@code sites} each of several, parted as {@link Target#perSite} reads them. */
    private @Nullable String site(Members members) {
        List<String> several = members.texts("sites", MOST_SITES, 128);
        String one = members.site("site", sites);
        if (one != null && !several.isEmpty()) {
            return members.wrong("sites", "site is given too: write one of them");
        }
        for (int i = 0; i < several.size(); i++) {
            if (!sites.contains(several.get(i))) {
                members.wrong("sites/" + i, Members.noSite(several.get(i), sites));
            }
        }
        return several.isEmpty() ? one : String.join(String.valueOf(Target.SITES_PARTED_BY), several);
    }

    /** One policy, or several that judge at once. */
    private @Nullable String policies(Members members) {
        List<String> names = PolicyBook.names(members.text("policy", 1000));
        for (String name : names) {
            if (!policies.contains(name)) {
                return members.wrong(
                        "policy",
                        "'" + Text.shown(name) + "' is none of "
                                + String.join(", ", policies.stream().sorted().toList()));
            }
        }
        return names.isEmpty() ? null : String.join(",", names);
    }

    public static @Nullable Integer interval(Members members) {
        return members.integer("intervalSeconds", LEAST_INTERVAL, MOST_INTERVAL);
    }

    public static @Nullable Depth depth(Members members) {
        String word = members.word("depth", DEPTHS);
        return word == null || !DEPTHS.contains(word) ? null : TargetLines.depth(word);
    }

    /** Null when something is wrong, which the members then know. */
    private @Nullable Target target(Members members) {
        String host = members.requiredText("host", 253);
        Integer port = members.integer("port", Target.isFile(host) ? 0 : 1, 65_535);
        String sni = members.text("sni", 253);
        String starttlsWord = members.text("starttls", 20);
        List<String> addresses = members.texts("addresses", MOST_ADDRESSES, 300);
        Map<String, String> tags = members.map("tags", MOST_TAGS, 1000);
        String owner = members.text("owner", 200);
        String site = site(members);
        String policy = policies(members);
        Integer interval = interval(members);
        Depth depth = depth(members);
        TargetLines.HostPort place = host.isBlank() ? null : checked(members, "host", host, TargetLines::place);
        boolean file = place != null && Target.isFile(place.host());
        if (file && (port != null && port != 0 || starttlsWord != null || !addresses.isEmpty())) {
            members.wrong("host", "a file has no port, no starttls and no addresses");
        }
        if (place != null && place.port() != 0 && port != null) {
            members.wrong("port", "port is given, and host '" + Text.shown(host) + "' has one too: write one of them");
        }
        String name = sni == null || sni.isBlank() ? null : checked(members, "sni", sni, TargetLines::serverName);
        StarttlsProtocol starttls = starttlsWord == null || starttlsWord.isBlank()
                ? null
                : checked(members, "starttls", starttlsWord, TargetLines::starttls);
        for (int i = 0; i < addresses.size(); i++) {
            checked(members, "addresses/" + i, addresses.get(i), TargetLines::hostPort);
        }
        if (place == null) {
            return null;
        }
        int byStarttls = starttls == null ? Target.DEFAULT_PORT : starttls.defaultPort();
        return new Target(
                place.host(),
                file ? 0 : port != null ? port : place.port() != 0 ? place.port() : byStarttls,
                name,
                starttls == null ? null : starttls.word(),
                addresses,
                file ? Depth.CERTIFICATE : depth,
                tags,
                owner == null || owner.isBlank() ? null : owner.strip(),
                site,
                policy,
                interval);
    }

    private static <T> @Nullable T checked(Members members, String name, String text, Function<String, T> read) {
        try {
            return read.apply(text.strip());
        } catch (InvalidTarget e) {
            return members.wrong(name, String.valueOf(e.getMessage()));
        }
    }
}
