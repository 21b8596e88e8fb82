package io.tlsfleet.api.alertfile;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/** A piece of the file with its place; scalars stay text. No tags, no anchors that multiply. */
sealed interface YamlPart {
    int line();

    int column();

    record Text(String value, int line, int column) implements YamlPart {}

    record Items(List<YamlPart> values, int line, int column) implements YamlPart {}

    record Fields(Map<String, YamlPart> values, int line, int column) implements YamlPart {}

    static YamlPart read(String text, List<FileProblem> problems) {
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
                    .compose(new StringReader(text));
            return root == null ? new Fields(Map.of(), 1, 1) : of(root, problems);
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            problems.add(new FileProblem(
                    mark == null ? 1 : mark.getLine() + 1,
                    mark == null ? 1 : mark.getColumn() + 1,
                    String.valueOf(e.getProblem())));
        } catch (RuntimeException e) {
            problems.add(new FileProblem(
                    1, 1, "no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " ")));
        }
        return new Fields(Map.of(), 1, 1);
    }

    private static YamlPart of(Node node, List<FileProblem> problems) {
        int line = node.getStartMark().getLine() + 1;
        int column = node.getStartMark().getColumn() + 1;
        return switch (node) {
            case ScalarNode scalar -> new Text(scalar.getValue(), line, column);
            case SequenceNode sequence -> {
                List<YamlPart> values = new ArrayList<>();
                sequence.getValue().forEach(n -> values.add(of(n, problems)));
                yield new Items(values, line, column);
            }
            case MappingNode mapping -> {
                Map<String, YamlPart> values = new LinkedHashMap<>();
                for (NodeTuple tuple : mapping.getValue()) {
                    String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "?";
                    if (values.put(key, of(tuple.getValueNode(), problems)) != null) {
                        Mark mark = tuple.getKeyNode().getStartMark();
                        problems.add(new FileProblem(
                                mark.getLine() + 1, mark.getColumn() + 1, "'" + key + "' is there twice"));
                    }
                }
                yield new Fields(values, line, column);
            }
            default -> {
                problems.add(new FileProblem(line, column, "an alias or a tag is of no use here"));
                yield new Text("", line, column);
            }
        };
    }
}
