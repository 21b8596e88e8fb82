package io.tlsfleet.scanner.cli;

import io.tlsfleet.fleet.json.Json;
import io.tlsfleet.fleet.policy.InvalidPolicy;
import io.tlsfleet.fleet.policy.Policies;
import io.tlsfleet.fleet.policy.Policy;
import io.tlsfleet.fleet.policy.PolicyDiff;
import io.tlsfleet.fleet.policy.PolicyProblem;
import io.tlsfleet.fleet.target.FileFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code tlsfleet policy list|check FILE|diff A B}: what policies ask for, and whether a file of one's own is one. */
@Command(name = "policy", description = "Lists the policies that ship, checks a file, compares two.")
public final class PolicyCommand implements Runnable {
    private static final int DONE = 0;
    private static final int DIFFERENT = 1;
    private static final int WRONG = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list, check FILE, or diff A B");
    }

    @Command(name = "list", description = "the policies that ship, with version and source")
    int list(
            @Option(
                            names = "--format",
                            paramLabel = "text|json",
                            defaultValue = "text",
                            description = "for a person or for a program (default text)")
                    String format) {
        List<Policy> policies = Policies.SHIPPED.stream().map(Policies::named).toList();
        if (json(format)) {
            out().println(Json.pretty(policies));
        } else {
            policies.forEach(
                    p -> out().printf("%-26s %-8s %s%n%-35s %s%n", p.name(), p.version(), p.title(), "", p.source()));
        }
        return DONE;
    }

    @Command(
            name = "check",
            description = "whether a YAML or JSON file is a policy; every problem with line and column")
    int check(
            @Parameters(paramLabel = "FILE", description = "a policy in YAML") String file,
            @Option(
                            names = "--format",
                            paramLabel = "text|json",
                            defaultValue = "text",
                            description = "for a person or for a program (default text)")
                    String format) {
        boolean json = json(format);
        try {
            Policy policy = Policies.parse(read(file));
            out().println(
                            json
                                    ? Json.write(Map.of(
                                            "file",
                                            file,
                                            "valid",
                                            true,
                                            "policy",
                                            policy.label(),
                                            "problems",
                                            List.of()))
                                    : file + ": " + policy.label() + " is a policy");
            return DONE;
        } catch (InvalidPolicy e) {
            if (json) {
                out().println(Json.write(Map.of("file", file, "valid", false, "problems", e.problems())));
            } else {
                for (PolicyProblem p : e.problems()) {
                    spec.commandLine().getErr().println(file + ":" + p.line() + ":" + p.column() + ": " + p.message());
                }
                spec.commandLine().getErr().flush();
            }
            return WRONG;
        }
    }

    @Command(name = "diff", description = "what B asks for and A does not; exit 1 when they differ")
    int diff(
            @Parameters(paramLabel = "A", description = "a policy's name, or its file") String a,
            @Parameters(paramLabel = "B", description = "the other") String b,
            @Option(
                            names = "--format",
                            paramLabel = "text|json",
                            defaultValue = "text",
                            description = "for a person or for a program (default text)")
                    String format) {
        List<PolicyDiff.Line> lines = PolicyDiff.between(policy(a), policy(b));
        if (json(format)) {
            out().println(Json.pretty(lines));
        } else {
            for (PolicyDiff.Line line : lines) {
                if (line.before() != null) {
                    out().println("- " + line.setting().substring(1) + ": " + line.before());
                }
                if (line.after() != null) {
                    out().println("+ " + line.setting().substring(1) + ": " + line.after());
                }
            }
        }
        return lines.isEmpty() ? DONE : DIFFERENT;
    }

    /** A shipped one by name, or a file. */
    private Policy policy(String name) {
        Policy shipped = Policies.find(name);
        if (shipped != null) {
            return shipped;
        }
        try {
            return Policies.parse(read(name));
        } catch (InvalidPolicy e) {
            throw new ParameterException(
                    spec.commandLine(), name + ": " + e.problems().getFirst());
        }
    }

    private String read(String file) {
        try {
            byte[] bytes = Files.readAllBytes(Path.of(file));
            CharBuffer text = CharBuffer.allocate(bytes.length);
            ByteBuffer in = ByteBuffer.wrap(bytes);
            if (StandardCharsets.UTF_8.newDecoder().decode(in, text, true).isError()) {
                String before = text.flip().toString();
                throw new ParameterException(
                        spec.commandLine(),
                        file + ":" + (before.chars().filter(c -> c == '\n').count() + 1) + ":"
                                + (before.length() - before.lastIndexOf('\n')) + ": no UTF-8 text, so no policy file");
            }
            return text.flip().toString();
        } catch (NoSuchFileException e) {
            throw new ParameterException(
                    spec.commandLine(),
                    file + ": no such file, and no policy that ships; those are "
                            + String.join(", ", Policies.SHIPPED));
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(), file + ": " + FileFault.of(e));
        }
    }

    private boolean json(@Nullable String format) {
        if ("json".equals(format)) {
            return true;
        }
        if ("text".equals(format)) {
            return false;
        }
        throw new ParameterException(spec.commandLine(), "--format " + format + ": give text or json");
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
