package io.tlsfleet.scanner.cli;

import io.tlsfleet.tls.fingerprint.Ja4Plus;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What may lie in the plugin folder, which the launcher names by the system property {@code tlsfleet.plugins}. */
final class Plugins {
    private Plugins() {}

    /** The plugin when {@code --fingerprints ja4plus} asks for it, null when nothing does; a usage error when it is missing. */
    static @Nullable Ja4Plus ja4Plus(@Nullable String asked, CommandSpec spec) {
        if (asked == null) {
            return null;
        }
        if (!asked.equals("ja4plus")) {
            throw new ParameterException(spec.commandLine(), "--fingerprints " + asked + ": only ja4plus is known");
        }
        String folder = System.getProperty("tlsfleet.plugins", "plugins");
        return Ja4Plus.find(new URLClassLoader(jars(Path.of(folder)), Plugins.class.getClassLoader()))
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--fingerprints ja4plus: its jar is not in the plugin folder " + folder
                                + " (see ja4plus/README.md)"));
    }

    private static URL[] jars(Path folder) {
        List<URL> jars = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
                for (Path file : files) {
                    jars.add(url(file));
                }
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(folder.toString(), e);
            }
        }
        return jars.toArray(URL[]::new);
    }

    private static URL url(Path file) throws MalformedURLException {
        return file.toUri().toURL();
    }
}
