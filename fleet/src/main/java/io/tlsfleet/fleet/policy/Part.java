package io.tlsfleet.fleet.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.CollectionStartEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** A piece of a policy file with its place in it; scalars stay text until somebody knows what they should be. */
sealed interface Part {
    int line();

    int column();

    record Text(String value, int line, int column) implements Part {}

    record Items(List<Part> values, int line, int column) implements Part {}

    /** {@code keys}: where each name stands. */
    record Fields(Map<String, Part> values, Map<String, Part> keys, int line, int column) implements Part {}

    /** YAML, and so JSON too; no tags, no anchors that multiply, at most a megabyte. */
    static Part yaml(String text) {
        if (text.length() > MAX_CHARS) {
            throw new InvalidPolicy(List.of(new PolicyProblem(1, 1, "longer than " + MAX_CHARS + " characters")));
        }
        try {
            LoaderOptions options = new LoaderOptions();
            options.setMaxAliasesForCollections(0);
            options.setNestingDepthLimit(20);
            Node root = new Yaml(
                            new SafeConstructor(options),
                            new Representer(new DumperOptions()),
                            new DumperOptions(),
                            options,
                            new Resolver())
                    .compose(new java.io.StringReader(text));
            if (root == null) {
                throw new InvalidPolicy(List.of(new PolicyProblem(1, 1, "the file is empty")));
            }
            List<PolicyProblem> problems = new ArrayList<>();
            Part part = of(root, problems, 0);
            if (!problems.isEmpty()) {
                throw new InvalidPolicy(problems);
            }
            return part;
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            throw new InvalidPolicy(List.of(new PolicyProblem(
                    mark == null ? 1 : mark.getLine() + 1,
                    mark == null ? 1 : mark.getColumn() + 1,
                    said(e.getProblem()))));
        } catch (YAMLException e) {
            Mark mark = aliased(text);
            throw new InvalidPolicy(List.of(new PolicyProblem(
                    mark == null ? 1 : mark.getLine() + 1,
                    mark == null ? 1 : mark.getColumn() + 1,
                    said(e.getMessage()))));
        }
    }

    /** Where the first alias of a list or of a mapping stands; the parser's complaint has no place. */
    private static @Nullable Mark aliased(String text) {
        Set<String> collections = new HashSet<>();
        try {
            for (Event event : new Yaml().parse(new java.io.StringReader(text))) {
                if (event instanceof CollectionStartEvent start && start.getAnchor() != null) {
                    collections.add(start.getAnchor());
                } else if (event instanceof AliasEvent alias && collections.contains(alias.getAnchor())) {
                    return alias.getStartMark();
                }
            }
        } catch (YAMLException e) {
            return null; // it is said already what is wrong
        }
        return null;
    }

    /** The parser's words where they are a person's. */
    private static String said(@Nullable String problem) {
        if (problem == null) {
            return "not YAML";
        }
        if (problem.startsWith("Number of aliases")) {
            return "an alias (*name) of a list or of a mapping is not taken here: write it out";
        }
        return problem.equals("but found another document")
                ? "a second document begins here: one policy a file"
                : problem;
    }

    /** What ships is JSON and right: it needs no places. */
    static Part json(JsonNode node) {
        if (node.isObject()) {
            Map<String, Part> fields = new LinkedHashMap<>();
            node.properties().forEach(field -> fields.put(field.getKey(), json(field.getValue())));
            return new Fields(fields, Map.of(), 0, 0);
        }
        if (node.isArray()) {
            List<Part> items = new ArrayList<>();
            node.forEach(item -> items.add(json(item)));
            return new Items(items, 0, 0);
        }
        return new Text(node.asText(), 0, 0);
    }

    private static Part of(Node node, List<PolicyProblem> problems, int depth) {
        int line = node.getStartMark().getLine() + 1;
        int column = node.getStartMark().getColumn() + 1;
        if (depth > 10) {
            problems.add(new PolicyProblem(line, column, "nested too deeply"));
            return new Text("", line, column);
        }
        if (node instanceof MappingNode mapping) {
            Map<String, Part> fields = new LinkedHashMap<>();
            Map<String, Part> keys = new HashMap<>();
            for (NodeTuple tuple : mapping.getValue()) {
                Part value = of(tuple.getValueNode(), problems, depth + 1);
                int keyLine = tuple.getKeyNode().getStartMark().getLine() + 1;
                int keyColumn = tuple.getKeyNode().getStartMark().getColumn() + 1;
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    problems.add(new PolicyProblem(keyLine, keyColumn, "a key must be plain text"));
                } else if (fields.putIfAbsent(key.getValue(), value) != null) {
                    problems.add(new PolicyProblem(keyLine, keyColumn, key.getValue() + " is given twice"));
                } else {
                    keys.put(key.getValue(), new Text(key.getValue(), keyLine, keyColumn));
                }
            }
            return new Fields(Collections.unmodifiableMap(fields), keys, line, column);
        }
        if (node instanceof SequenceNode sequence) {
            return new Items(
                    sequence.getValue().stream()
                            .map(item -> of(item, problems, depth + 1))
                            .toList(),
                    line,
                    column);
        }
        return new Text(node instanceof ScalarNode scalar ? scalar.getValue() : "", line, column);
    }

    int MAX_CHARS = 1 << 20;
}
