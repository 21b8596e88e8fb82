package io.tlsfleet.fleet.policy;

import io.tlsfleet.fleet.report.Severity;
import io.tlsfleet.tls.registry.CipherSuite;
import io.tlsfleet.tls.registry.NamedGroup;
import io.tlsfleet.tls.registry.ProtocolVersion;
import io.tlsfleet.tls.registry.SignatureScheme;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a policy of the parts of a file: what the file does not say is the parent's. Collects every problem with its
 * line and column before it gives up.
 */
final class PolicyReader {
    private final Function<String, @Nullable Policy> parents;
    private final List<PolicyProblem> problems = new ArrayList<>();

    private PolicyReader(Function<String, @Nullable Policy> parents) {
        this.parents = parents;
    }

    /** {@code parents} answers null for a name that it does not know. */
    static Policy read(Part root, Function<String, @Nullable Policy> parents) {
        PolicyReader reader = new PolicyReader(parents);
        Policy policy = reader.policy(root);
        if (!reader.problems.isEmpty()) {
            throw new InvalidPolicy(reader.problems.stream()
                    .distinct()
                    .sorted(Comparator.comparingInt(PolicyProblem::line).thenComparingInt(PolicyProblem::column))
                    .toList());
        }
        return policy;
    }

    private Policy policy(Part root) {
        Section top = section(root, "a policy", KEYS);
        String extended = top.textOrNone("extends");
        Policy found = extended == null ? null : parents.apply(extended);
        if (extended != null && found == null) {
            problem(top.part("extends"), "no policy is called " + extended + Words.nearest(extended, Policies.SHIPPED));
        }
        Policy p = found == null ? Policies.BARE : found;
        String name = top.textOrNone("name");
        if (name == null || !name.matches("[a-z0-9][a-z0-9.-]{0,62}")) {
            Part at = top.part("name");
            problem(at == null ? root : at, "name must be given, in lower-case letters, digits, dots and dashes");
        } else if (extended != null && name.equals(extended)) {
            problem(top.part("name"), "a policy cannot extend itself");
        }
        Section protocols = top.section("protocols", Set.of("minimum", "allow", "require"));
        Section certificates = top.section(
                "certificates",
                Set.of("keyTypes", "minimumRsaBits", "minimumEcBits", "signatureAlgorithms", "maximumDays"));
        Policy.Certificates c = p.certificates();
        Section hsts = top.section("hsts", Set.of("minimumSeconds"));
        return new Policy(
                name == null ? "" : name,
                top.text("version", extended == null ? "1" : p.version()),
                top.text("title", extended == null ? "" : p.title()),
                top.text("source", extended == null ? "a file" : "a file that extends " + p.label()),
                top.date("date", p.date()),
                protocols(protocols, p.protocols()),
                allowed(
                        top,
                        "cipherSuites",
                        p.cipherSuites(),
                        () -> CipherSuite.all().stream().map(CipherSuite::name).toList()),
                allowed(
                        top,
                        "groups",
                        p.groups(),
                        () -> NamedGroup.all().stream().map(NamedGroup::name).toList()),
                allowed(
                        top,
                        "signatureSchemes",
                        p.signatureSchemes(),
                        () -> SignatureScheme.all().stream()
                                .map(SignatureScheme::name)
                                .toList()),
                top.number("minimumDhBits", p.minimumDhBits(), 512, 16384),
                new Policy.Certificates(
                        certificates.listOr("keyTypes", c.keyTypes(), null),
                        certificates.numberOr("minimumRsaBits", c.minimumRsaBits(), 512, 16384),
                        certificates.numberOr("minimumEcBits", c.minimumEcBits(), 112, 1024),
                        certificates.listOr("signatureAlgorithms", c.signatureAlgorithms(), null),
                        certificates.numberOr("maximumDays", c.maximumDays(), 1, 36500)),
                expiry(top, p.expiry()),
                top.number("ticketKeyHours", p.ticketKeyHours(), 1, 24 * 366),
                hsts.number("minimumSeconds", p.hstsSeconds(), 0, Integer.MAX_VALUE),
                top.number("unreachableScans", p.unreachableScans(), 1, 1000),
                top.number("sharedKeyEndpoints", p.sharedKeyEndpoints(), 1, 1_000_000),
                preferences(top, p.preferences()),
                severities(top, p.severities()),
                waivers(top, p.waivers()));
    }

    /** {@code minimum: TLSv1.2} is short for the list of it and all newer; what the parent requires below it is not wanted. */
    private Policy.Protocols protocols(Section part, Policy.Protocols parent) {
        String minimum = part.textOrNone("minimum");
        List<String> allowed = parent.allowed();
        List<String> required = parent.required();
        if (minimum != null) {
            List<String> labels =
                    ProtocolVersion.ALL.stream().map(ProtocolVersion::label).toList();
            if (part.has("allow")) {
                problem(part.part("minimum"), "minimum and allow say the same: give one of them");
            } else if (!labels.contains(minimum)) {
                problem(part.part("minimum"), "nothing is called " + minimum + Words.nearest(minimum, labels));
            } else {
                allowed = labels.subList(labels.indexOf(minimum), labels.size());
                required = required.stream().filter(allowed::contains).toList();
            }
        }
        return new Policy.Protocols(part.versions("allow", allowed), part.versions("require", required));
    }

    private Policy.Allowed allowed(Section top, String key, Policy.Allowed parent, Supplier<List<String>> names) {
        Section part = top.section(key, Set.of("allow", "deny"));
        return new Policy.Allowed(
                part.listOr("allow", parent.allow(), names),
                Objects.requireNonNullElse(part.listOr("deny", parent.deny(), names), List.of()));
    }

    /** {@code high: {days: 3, percent: 10}}; stages that are not named are the parent's. */
    private Policy.Expiry expiry(Section top, Policy.Expiry parent) {
        Section part = top.section("expiry", SEVERITIES);
        Map<Severity, Policy.Expiry.Stage> stages = new LinkedHashMap<>();
        parent.stages().forEach(stage -> stages.put(stage.severity(), stage));
        for (String word : part.keys()) {
            if (SEVERITIES.contains(word)) {
                Section stage = part.section(word, Set.of("days", "percent"));
                Double days = stage.decimal("days", 0, 36500);
                Double percent = stage.decimal("percent", 0, 100);
                if (days == null && percent == null) {
                    stages.remove(Severity.of(word));
                } else {
                    stages.put(Severity.of(word), new Policy.Expiry.Stage(Severity.of(word), days, percent));
                }
            }
        }
        return new Policy.Expiry(stages.values().stream()
                .sorted(Comparator.comparing(Policy.Expiry.Stage::severity))
                .toList());
    }

    private List<Policy.Preference> preferences(Section top, List<Policy.Preference> parent) {
        if (!top.has("preferences")) {
            return parent;
        }
        Section part = top.section("preferences", Set.of("cipherSuites", "groups", "certificates"));
        List<Policy.Preference> preferences = new ArrayList<>();
        for (String of : part.keys()) {
            List<String> any = part.listOr(of, null, null);
            if (any != null && !any.isEmpty()) {
                preferences.add(new Policy.Preference(of, any));
            }
        }
        return List.copyOf(preferences);
    }

    private Map<String, Policy.Level> severities(Section top, Map<String, Policy.Level> parent) {
        Map<String, Policy.Level> levels = new LinkedHashMap<>(parent);
        Section part = top.section("severities", null);
        for (String rule : part.keys()) {
            if (Rules.find(rule) == null) {
                problem(
                        part.key(rule),
                        "no rule is called " + rule
                                + Words.nearest(
                                        rule, Rules.all().stream().map(Rule::id).toList()));
                continue;
            }
            String word = part.text(rule, "");
            if (word.equals("off")) {
                levels.put(rule, new Policy.Level.Off());
            } else if (SEVERITIES.contains(word)) {
                levels.put(rule, new Policy.Level.Is(Severity.of(word)));
            } else {
                problem(part.part(rule), "\"" + word + "\" is none of info, low, medium, high, critical, off");
            }
        }
        return Map.copyOf(levels);
    }

    private List<Policy.Waived> waivers(Section top, List<Policy.Waived> parent) {
        List<Policy.Waived> waivers = new ArrayList<>(parent);
        Part part = top.part("waivers");
        if (part instanceof Part.Items items) {
            for (Part item : items.values()) {
                Section one = section(item, "a waiver", Set.of("rule", "endpoint", "reason", "until"));
                String rule = one.text("rule", "");
                if (Rules.all().stream().noneMatch(known -> Globs.matches(rule, known.id()))) {
                    problem(
                            one.has("rule") ? one.part("rule") : item,
                            "a waiver needs a rule that exists: \"" + rule + "\" is none");
                }
                String reason = one.text("reason", "");
                if (reason.isBlank()) {
                    problem(item, "a waiver needs a reason");
                }
                if (!one.has("until")) {
                    problem(item, "a waiver needs a last day: until");
                }
                waivers.add(
                        new Policy.Waived(rule, one.text("endpoint", "*"), reason, one.date("until", LocalDate.EPOCH)));
            }
        } else if (part != null) {
            problem(part, "waivers must be a list");
        }
        return List.copyOf(waivers);
    }

    private void problem(@Nullable Part at, String message) {
        problems.add(new PolicyProblem(at == null ? 1 : at.line(), at == null ? 1 : at.column(), message));
    }

    private Section section(@Nullable Part part, String what, @Nullable Set<String> keys) {
        if (part == null) {
            return new Section(Map.of(), Map.of());
        }
        if (!(part instanceof Part.Fields fields)) {
            problem(part, what + " must be a mapping of names to values");
            return new Section(Map.of(), Map.of());
        }
        if (keys != null) {
            fields.values().forEach((key, value) -> {
                if (!keys.contains(key)) {
                    problem(
                            fields.keys().getOrDefault(key, value),
                            "unknown setting " + key + " in " + what + Words.nearest(key, List.copyOf(keys)));
                }
            });
        }
        return new Section(fields.values(), fields.keys());
    }

    /** A mapping of the file, read value by value. */
    private final class Section {
        private final Map<String, Part> fields;
        private final Map<String, Part> places;

        Section(Map<String, Part> fields, Map<String, Part> places) {
            this.fields = fields;
            this.places = places;
        }

        /** Where the name itself stands. */
        @Nullable
        Part key(String key) {
            return places.getOrDefault(key, fields.get(key));
        }

        Set<String> keys() {
            return fields.keySet();
        }

        boolean has(String key) {
            return fields.containsKey(key);
        }

        @Nullable
        Part part(String key) {
            return fields.get(key);
        }

        Section section(String key, @Nullable Set<String> keys) {
            return PolicyReader.this.section(fields.get(key), key, keys);
        }

        String text(String key, String otherwise) {
            String text = textOrNone(key);
            return text == null ? otherwise : text;
        }

        @Nullable
        String textOrNone(String key) {
            return switch (fields.get(key)) {
                case null -> null;
                case Part.Text text -> text.value();
                case Part other -> {
                    problem(other, key + " must be plain text");
                    yield null;
                }
            };
        }

        LocalDate date(String key, LocalDate otherwise) {
            String text = textOrNone(key);
            if (text == null) {
                return otherwise;
            }
            try {
                return LocalDate.parse(text);
            } catch (DateTimeException e) {
                problem(fields.get(key), "\"" + text + "\" is no date like 2027-03-15");
                return otherwise;
            }
        }

        int number(String key, int otherwise, int least, int most) {
            Integer number = numberOr(key, otherwise, least, most);
            return number == null ? otherwise : number;
        }

        @Nullable
        Integer numberOr(String key, @Nullable Integer otherwise, int least, int most) {
            Double number = decimal(key, least, most);
            if (number == null) {
                return "any".equals(textOrNone(key)) ? null : otherwise;
            }
            return number.intValue();
        }

        @Nullable
        Double decimal(String key, double least, double most) {
            String text = textOrNone(key);
            if (text == null || text.equals("any")) {
                return null;
            }
            try {
                double number = Double.parseDouble(text);
                if (number >= least && number <= most) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // said below, with the range
            }
            problem(fields.get(key), "\"" + text + "\" is no number from " + plain(least) + " to " + plain(most));
            return null;
        }

        /** {@code any} undoes the parent's list; {@code known}, when given, must hold each name or what a * matches. */
        @Nullable
        List<String> listOr(String key, @Nullable List<String> otherwise, @Nullable Supplier<List<String>> known) {
            return switch (fields.get(key)) {
                case null -> otherwise;
                case Part.Text text when text.value().equals("any") -> null;
                case Part.Items items -> {
                    List<String> names = known == null ? null : known.get();
                    List<String> list = new ArrayList<>();
                    for (Part item : items.values()) {
                        if (!(item instanceof Part.Text text)) {
                            problem(item, "a list of plain names is wanted");
                        } else if (names != null && names.stream().noneMatch(n -> Globs.matches(text.value(), n))) {
                            problem(item, "nothing is called " + text.value() + Words.nearest(text.value(), names));
                        } else {
                            list.add(text.value());
                        }
                    }
                    yield List.copyOf(list);
                }
                case Part other -> {
                    problem(other, key + " must be a list, or the word any");
                    yield otherwise;
                }
            };
        }

        List<String> versions(String key, List<String> otherwise) {
            List<String> list = listOr(
                    key,
                    otherwise,
                    () -> ProtocolVersion.ALL.stream()
                            .map(ProtocolVersion::label)
                            .toList());
            return list == null ? otherwise : list;
        }
    }

    private static String plain(double number) {
        return number == Math.rint(number) ? String.valueOf((long) number) : String.valueOf(number);
    }

    private static final Set<String> SEVERITIES = Set.of("info", "low", "medium", "high", "critical");
    private static final Set<String> KEYS = Set.of(
            "name",
            "version",
            "title",
            "source",
            "date",
            "extends",
            "protocols",
            "cipherSuites",
            "groups",
            "signatureSchemes",
            "minimumDhBits",
            "certificates",
            "expiry",
            "ticketKeyHours",
            "hsts",
            "unreachableScans",
            "sharedKeyEndpoints",
            "preferences",
            "severities",
            "waivers");
}
