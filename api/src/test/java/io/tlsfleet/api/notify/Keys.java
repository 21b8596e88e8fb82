package io.tlsfleet.api.notify;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certification authority of somebody's own and what it issues, made by the JDK's keytool. */
final class Keys {
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final Path directory;
    private final Path store;

    Keys(Path directory) throws Exception {
        this.directory = directory;
        this.store = directory.resolve("keys.p12");
        keytool("-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname", "CN=Own CA", "-ext", "bc:c=ca:true");
        keytool("-exportcert", "-rfc", "-alias", "ca", "-file", authority().toString());
    }

    Path authority() {
        return directory.resolve("ca.pem");
    }

    /** What a server shows that says it is {@code name}; {@code validity} as keytool has it. */
    SSLContext server(String name, String... validity) throws Exception {
        String alias = "k" + System.identityHashCode(validity);
        List<String> command =
                new ArrayList<>(List.of("-genkeypair", "-alias", alias, "-keyalg", "EC", "-signer", "ca"));
        command.addAll(List.of("-dname", "CN=" + name, "-ext", "san=dns:" + name));
        command.addAll(List.of(validity));
        keytool(command.toArray(String[]::new));
        KeyStore all = KeyStore.getInstance(store.toFile(), PASSWORD);
        KeyStore one = KeyStore.getInstance("PKCS12");
        one.load(null, null);
        one.setKeyEntry(alias, all.getKey(alias, PASSWORD), PASSWORD, all.getCertificateChain(alias));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(one, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "changeit"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(process.waitFor()).as(() -> String.join(" ", command)).isZero();
    }
}
