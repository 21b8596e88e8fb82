import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * {@code java Assemble.java JAR LIB OUT}: lays the distribution out, so that the start-up cache can hold all of it. It
 * leaves out the classes of a signed jar, and those compiled for Java 5 or older (picocli), which have no stack maps. So
 * signatures go (Maven checked what it fetched against checksums), and old classes get the stack maps of Java 8.
 */
final class Assemble {
    public static void main(String[] args) throws IOException {
        Path jar = Path.of(args[0]);
        Path lib = Path.of(args[1]);
        Path out = Path.of(args[2]);
        Files.createDirectories(out.resolve("lib"));
        Files.copy(jar, out.resolve("tlsfleet.jar"));
        for (String entry : classPath(jar)) {
            Path from = lib.resolve(Path.of(entry).getFileName());
            cacheable(from, out.resolve("lib").resolve(from.getFileName()));
        }
    }

    /** What the jar asks for, not what lies in the folder: an older build may have left jars there. */
    private static List<String> classPath(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return List.of(file.getManifest().getMainAttributes().getValue(Attributes.Name.CLASS_PATH).split(" +"));
        }
    }

    private static void cacheable(Path from, Path to) throws IOException {
        try (JarFile jar = new JarFile(from.toFile(), false);
                URLClassLoader beside = new URLClassLoader(new URL[] {from.toUri().toURL()}, null)) {
            if (!hasOldClasses(jar) && jar.stream().noneMatch(e -> isSignature(e.getName()))) {
                Files.copy(from, to);
                return;
            }
            ClassFile lifted = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(
                            ClassHierarchyResolver.ofResourceParsing(beside).orElse(ClassHierarchyResolver.defaultResolver())));
            try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
                for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
                    JarEntry entry = entries.nextElement();
                    String name = entry.getName();
                    if (isSignature(name)) {
                        continue;
                    }
                    ZipEntry copy = new ZipEntry(name);
                    copy.setTime(entry.getTime());
                    out.putNextEntry(copy);
                    try (InputStream in = jar.getInputStream(entry)) {
                        if (name.equals(JarFile.MANIFEST_NAME)) {
                            withoutDigests(in, out);
                        } else if (name.endsWith(".class")) {
                            out.write(lifted(in.readAllBytes(), lifted));
                        } else {
                            in.transferTo(out);
                        }
                    }
                    out.closeEntry();
                }
            }
        }
    }

    private static boolean hasOldClasses(JarFile jar) throws IOException {
        for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
            if (entry.getName().endsWith(".class")) {
                try (InputStream in = jar.getInputStream(entry)) {
                    if (isOld(in.readNBytes(8))) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** Below Java 6, whose class files are version 50. */
    private static boolean isOld(byte[] header) {
        return header.length == 8 && ((header[6] & 0xFF) << 8 | header[7] & 0xFF) < ClassFile.JAVA_6_VERSION;
    }

    private static byte[] lifted(byte[] bytes, ClassFile classFile) {
        if (!isOld(Arrays.copyOf(bytes, 8))) {
            return bytes;
        }
        ClassTransform version = (builder, element) -> {
            if (element instanceof ClassFileVersion) {
                builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
            } else {
                builder.with(element);
            }
        };
        // bodies are written anew, or they would be copied as they are, without stack maps
        ClassTransform bodies = ClassTransform.transformingMethodBodies((code, element) -> code.with(element));
        return classFile.transformClass(classFile.parse(bytes), version.andThen(bodies));
    }

    /** The sections per entry hold digests and nothing else in the jars we take. */
    private static void withoutDigests(InputStream in, OutputStream out) throws IOException {
        Manifest manifest = new Manifest(in);
        Manifest plain = new Manifest();
        plain.getMainAttributes().putAll(manifest.getMainAttributes());
        plain.getMainAttributes().putIfAbsent(Attributes.Name.MANIFEST_VERSION, "1.0");
        plain.write(out);
    }

    private static boolean isSignature(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return upper.startsWith("META-INF/")
                && (upper.endsWith(".SF") || upper.endsWith(".RSA") || upper.endsWith(".DSA") || upper.endsWith(".EC"));
    }

    private Assemble() {}
}
