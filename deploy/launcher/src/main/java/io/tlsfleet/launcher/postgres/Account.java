package io.tlsfleet.launcher.postgres;

import io.tlsfleet.launcher.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * As whom PostgreSQL runs. It refuses to be root, so for root it gets a user namespace in which it is nobody in
 * particular while its files stay root's; where namespaces are forbidden, the user nobody, to whom the cluster then
 * belongs. Always in a session of its own: an interrupt from the terminal must not reach it before we stop it.
 */
enum Account {
    ITSELF(List.of("setsid")),
    NAMESPACE(List.of("setsid", "unshare", "--user", "--")),
    /** Reading below directories of mode 0700 is what initdb needs of the superuser. */
    NOBODY(List.of(
            "setsid",
            "setpriv",
            "--reuid=nobody",
            "--regid=nogroup",
            "--clear-groups",
            "--inh-caps=+dac_read_search",
            "--ambient-caps=+dac_read_search",
            "--"));

    @SuppressWarnings("ImmutableEnumChecker") // List.of
    private final List<String> prefix;

    Account(List<String> prefix) {
        this.prefix = prefix;
    }

    static Account ofThisProcess() {
        if (uid() != 0) {
            return ITSELF;
        }
        for (Account account : List.of(NAMESPACE, NOBODY)) {
            try {
                if (account.run(List.of("true"), Path.of("/dev/null")) == 0) {
                    return account;
                }
            } catch (IOException e) {
                // the program is not there: try the next way
            }
        }
        throw Refusal.usage("PostgreSQL does not run as root, and neither unshare nor setpriv (util-linux) could take"
                + " root off it: run as another user, or give --database-url");
    }

    /** Hands a tree to whom the cluster will run as. */
    void own(Path tree) throws IOException {
        if (this == NOBODY) {
            var nobody = tree.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
            try (var paths = Files.walk(tree)) {
                for (Path path : (Iterable<Path>) paths::iterator) {
                    Files.setOwner(path, nobody);
                }
            }
        }
    }

    Process start(List<String> command, Path log) throws IOException {
        List<String> whole = new ArrayList<>(prefix);
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        // a PGDATA or PGOPTIONS of the caller's is about another database
        builder.environment().keySet().removeIf(name -> name.startsWith("PG") || name.startsWith("LC_"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder.start();
    }

    /** Its exit code, or 124 when it took longer than a minute. */
    int run(List<String> command, Path log) throws IOException {
        Process process = start(command, log);
        try {
            if (process.waitFor(1, TimeUnit.MINUTES)) {
                return process.exitValue();
            }
            return 124;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 130;
        } finally {
            process.destroyForcibly();
        }
    }

    private static int uid() {
        try {
            return Files.readString(Path.of("/proc/self/status"), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("Uid:"))
                    .map(line -> Integer.parseInt(line.split("\\s+", -1)[2]))
                    .findFirst()
                    .orElse(-1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
