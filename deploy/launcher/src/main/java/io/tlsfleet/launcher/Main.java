package io.tlsfleet.launcher;

import io.tlsfleet.api.cli.AlertingCommand;
import io.tlsfleet.api.cli.ForecastCommand;
import io.tlsfleet.api.cli.ImportCommand;
import io.tlsfleet.api.cli.ProgressCommand;
import io.tlsfleet.api.cli.RulesCommand;
import io.tlsfleet.api.cli.VerifyCommand;
import io.tlsfleet.fleet.target.Escaped;
import io.tlsfleet.scanner.cli.DiagnoseCommand;
import io.tlsfleet.scanner.cli.ExplainCommand;
import io.tlsfleet.scanner.cli.FingerprintCommand;
import io.tlsfleet.scanner.cli.HeadStart;
import io.tlsfleet.scanner.cli.ListenCommand;
import io.tlsfleet.scanner.cli.Output;
import io.tlsfleet.scanner.cli.Plainly;
import io.tlsfleet.scanner.cli.PolicyCommand;
import io.tlsfleet.scanner.cli.ScanCommand;
import io.tlsfleet.scanner.cli.SensorCommand;
import io.tlsfleet.scanner.cli.TrustCommand;
import io.tlsfleet.scanner.cli.WhatIfCommand;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Composes the commands that live beside their domains. Exit codes: 0 done, 1 a finding at or above {@code --fail-on},
 * 2 wrong usage, 3 an endpoint unreachable, 70 a fault of ours, 130 interrupted, 137 out of memory (by the launching script).
 */
public final class Main implements Runnable {
    private static final int FAULT = 70;
    /** 128 and SIGPIPE. */
    private static final int READER_GONE = 141;

    private final CommandSpec spec =
            CommandSpec.wrapWithoutInspection(this, new Plainly()).name("tlsfleet");

    /** In the order in which the help shows them. */
    private static Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        InstantSource clock = InstantSource.system();
        commands.put("up", () -> new UpCommand(clock));
        commands.put(
                "scan",
                () -> new ScanCommand(clock, "tlsfleet/" + Version.ofThisBuild().version()).described());
        commands.put("explain", () -> new ExplainCommand(clock));
        commands.put("server", () -> new ServerCommand(clock));
        commands.put("worker", () -> new WorkerCommand(clock));
        commands.put("fingerprint", FingerprintCommand::new);
        commands.put(
                "diagnose",
                () -> new DiagnoseCommand(
                        clock, "tlsfleet/" + Version.ofThisBuild().version()));
        commands.put("policy", PolicyCommand::new);
        commands.put("whatif", WhatIfCommand::new);
        commands.put("import", ImportCommand::new);
        commands.put("rules", RulesCommand::new);
        commands.put("progress", ProgressCommand::new);
        commands.put("forecast", ForecastCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("alerting", () -> new AlertingCommand(System.getenv()));
        commands.put("sensor", SensorCommand::new);
        commands.put("listen", ListenCommand::new);
        commands.put("trust", () -> new TrustCommand(InstantSource.system()));
        commands.put("estate", EstateCommand::new);
        commands.put("version", VersionCommand::new);
        return commands;
    }

    public static void main(String[] args) {
        // Not System.exit from deep inside: a command returns its code, and what it started is stopped by shutdown
        // hooks.
        System.exit(run(args));
    }

    static int run(String... args) {
        Output out = new Output(new FileOutputStream(FileDescriptor.out), true);
        Output err = new Output(new FileOutputStream(FileDescriptor.err), true);
        if (args.length > 0 && args[0].equals("scan")) {
            HeadStart.take(List.of(args));
        }
        int code = commandLine(args).setOut(out).setErr(err).execute(args);
        code = out.fault().isEmpty() ? code : undelivered(out, err);
        err.flush();
        return code;
    }

    /** With only the command that was asked for, where one was: describing all of them would take longer than a scan. */
    static CommandLine commandLine(String... args) {
        Main main = new Main();
        main.spec
                .usageMessage()
                .description(
                        "Watches the TLS of a fleet: asks every endpoint, judges the answers, tells who must know.")
                .synopsisSubcommandLabel("COMMAND");
        CommandLine line = new CommandLine(main.spec, new Plainly());
        Map<String, Supplier<Object>> commands = commands();
        Supplier<Object> asked = args.length == 0 ? null : commands.get(args[0]);
        if (asked != null) {
            line.addSubcommand(args[0], asked.get());
        } else {
            commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
        }
        help(line);
        return line.setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(Main::known)
                .setParameterExceptionHandler(usage())
                .setExecutionExceptionHandler(fault());
    }

    /** Help about a command that is none is no help. */
    private static int known(CommandLine.ParseResult parsed) {
        if (!parsed.unmatched().isEmpty() && !parsed.hasSubcommand()) {
            throw new UnmatchedArgumentException(parsed.commandSpec().commandLine(), parsed.unmatched());
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    /** Every command answers {@code --help}, down to the last; methods take no {@code --version}. */
    private static void help(CommandLine line) {
        CommandSpec spec = line.getCommandSpec();
        if (!spec.optionsMap().containsKey("--help")) {
            spec.addOption(OptionSpec.builder("-h", "--help")
                    .usageHelp(true)
                    .description("Show this help message and exit.")
                    .build());
        }
        if (!(spec.userObject() instanceof java.lang.reflect.Method)) {
            spec.version("tlsfleet " + Version.ofThisBuild().version());
            if (!spec.optionsMap().containsKey("--version")) {
                spec.addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print version information and exit.")
                        .build());
            }
        }
        line.getSubcommands().values().forEach(Main::help);
    }

    private static IParameterExceptionHandler usage() {
        return (e, args) -> {
            CommandLine command = e.getCommandLine();
            boolean unknownCommand = e instanceof UnmatchedArgumentException && command.getParent() == null;
            String what = unknownCommand
                    ? "no command " + args[0] + "; there are "
                            + String.join(", ", commands().keySet())
                    : String.valueOf(e.getMessage());
            command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + Escaped.line(what));
            return 2;
        };
    }

    private static IExecutionExceptionHandler fault() {
        return (e, command, parsed) -> {
            if (e instanceof Refusal refusal) {
                command.getErr()
                        .println(command.getCommandSpec().qualifiedName() + ": " + Escaped.line(refusal.message()));
                return refusal.code();
            }
            command.getErr()
                    .println(command.getCommandSpec().qualifiedName() + ": a fault of ours: "
                            + Escaped.line(String.valueOf(e)) + " (TLSFLEET_TRACE=1 shows where)");
            if (System.getenv("TLSFLEET_TRACE") != null) {
                e.printStackTrace(command.getErr());
            }
            return FAULT;
        };
    }

    /** As if the system had ended us, where whoever read has enough; else what was written is lost, and that is said. */
    private static int undelivered(Output out, PrintWriter err) {
        if (out.readerIsGone()) {
            return READER_GONE;
        }
        err.println(
                "tlsfleet: standard output cannot be written (" + out.fault().get() + ")");
        return 2;
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "say what to do: " + String.join(", ", commands().keySet()) + " (tlsfleet --help)");
    }
}
