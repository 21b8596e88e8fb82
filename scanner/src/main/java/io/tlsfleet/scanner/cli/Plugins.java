package io.tlsfleet.scanner.cli;

import io.tlsfleet.scanner.scan.Extras;
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

/** What may lie in the plugin folder, which the launcher names by the system property {@code tlsfleet.plugins}. */
public final class Plugins {
    private Plugins() {}

    /** {@code jarm} and {@code ja4plus}, separated by commas; {@code IllegalArgumentException} when one cannot be had. */
    public static Extras extras(@Nullable String asked) {
        Ja4Plus plus = null;
        boolean jarm = false;
        for (String one : asked == null || asked.isBlank() ? new String[0] : asked.split(",", -1)) {
            switch (one.strip()) {
                case "jarm" -> jarm = true;
                case "ja4plus" -> plus = ja4Plus();
                default ->
                    throw new IllegalArgumentException("--fingerprints " + asked + ": there are ja4plus and jarm");
            }
        }
        return new Extras(plus, jarm);
    }

    private static Ja4Plus ja4Plus() {
        String folder = System.getProperty("tlsfleet.plugins", "plugins");
        return Ja4Plus.find(new URLClassLoader(jars(Path.of(folder)), Plugins.class.getClassLoader()))
                .orElseThrow(() -> new IllegalArgumentException("--fingerprints ja4plus: its jar is not in the plugin"
                        + " folder " + folder + " (see ja4plus/README.md)"));
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
