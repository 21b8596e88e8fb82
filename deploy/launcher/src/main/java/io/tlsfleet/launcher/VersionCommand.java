package io.tlsfleet.launcher;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(name = "version", description = "Version, commit, JDK.")
final class VersionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        Version built = Version.ofThisBuild();
        spec.commandLine()
                .getOut()
                .printf("tlsfleet %s (commit %s, JDK %s)%n", built.version(), built.commit(), Runtime.version());
        return 0;
    }
}
