package io.tlsfleet.scanner.scan;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.Security;
import java.util.List;
import java.util.Vector;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateEntry;
import org.bouncycastle.tls.DefaultTlsServer;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.NamedGroup;
import org.bouncycastle.tls.ProtocolName;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsServerProtocol;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;
import org.bouncycastle.util.Arrays;

/**
 * TLS servers that are Java libraries, each in a JVM of its own: {@code jsse PORT STORE VERSIONS SUITES} with nothing disabled,
 * {@code bouncy PORT STORE VERSIONS SUITES GROUPS}, {@code boringssl PORT DIRECTORY VERSIONS GROUPS}; lists with commas.
 */
final class StackServer {
    private StackServer() {}

    public static void main(String[] args) throws Exception {
        int port = Integer.parseInt(args[1]);
        switch (args[0]) {
            case "jsse" -> jsse(port, Path.of(args[2]), words(args[3]), words(args[4]));
            case "bouncy" -> bouncy(port, Path.of(args[2]), words(args[3]), words(args[4]), words(args[5]));
            case "boringssl" -> boringssl(port, Path.of(args[2]), words(args[3]), words(args[4]));
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static String[] words(String list) {
        return list.split(",", -1);
    }

    private static KeyStore store(Path file) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(file)) {
            store.load(in, "x".toCharArray());
        }
        return store;
    }

    private static void jsse(int port, Path file, String[] versions, String[] suites) throws Exception {
        for (String property :
                List.of("jdk.tls.disabledAlgorithms", "jdk.certpath.disabledAlgorithms", "jdk.tls.legacyAlgorithms")) {
            Security.setProperty(property, "");
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store(file), "x".toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        SSLServerSocket listening = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(port, 100, InetAddress.getLoopbackAddress());
        listening.setEnabledProtocols(versions);
        listening.setEnabledCipherSuites(suites);
        while (true) {
            SSLSocket client = (SSLSocket) listening.accept();
            Thread.ofVirtual().start(() -> answer(client, client::startHandshake));
        }
    }

    private interface Handshake {
        void run() throws IOException;
    }

    private static void answer(Socket client, Handshake handshake) {
        try (client) {
            handshake.run();
            client.getInputStream().read();
        } catch (IOException e) {
            // a scanner hangs up: that is what it is there for
            return;
        }
    }

    private static void bouncy(int port, Path file, String[] versions, String[] suites, String[] groups)
            throws Exception {
        BcTlsCrypto crypto = new BcTlsCrypto(new SecureRandom());
        KeyStore store = store(file);
        String alias = store.aliases().nextElement();
        TlsCertificate certificate =
                crypto.createCertificate(store.getCertificate(alias).getEncoded());
        var key = PrivateKeyFactory.createKey(
                store.getKey(alias, "x".toCharArray()).getEncoded());
        int[] suiteCodes = codes(suites);
        int[] groupCodes = codes(groups);
        List<String> spoken = List.of(versions);
        ProtocolVersion[] protocols = java.util.stream.Stream.of(
                        ProtocolVersion.TLSv13, ProtocolVersion.TLSv12, ProtocolVersion.TLSv11, ProtocolVersion.TLSv10)
                .filter(v -> spoken.contains(v.getName().replace("TLS ", "TLSv")))
                .toArray(ProtocolVersion[]::new);
        try (ServerSocket listening = new ServerSocket(port, 100, InetAddress.getLoopbackAddress())) {
            while (true) {
                Socket client = listening.accept();
                Thread.ofVirtual()
                        .start(() -> answer(client, () -> {
                            TlsServerProtocol protocol =
                                    new TlsServerProtocol(client.getInputStream(), client.getOutputStream());
                            protocol.accept(new Bouncy(crypto, protocols, suiteCodes, groupCodes, certificate, key));
                            protocol.getInputStream().read();
                        }));
            }
        }
    }

    private static int[] codes(String[] hex) {
        return java.util.stream.Stream.of(hex).mapToInt(Integer::decode).toArray();
    }

    private static final class Bouncy extends DefaultTlsServer {
        private final ProtocolVersion[] versions;
        private final int[] suites;
        private final int[] groups;
        private final TlsCertificate certificate;
        private final org.bouncycastle.crypto.params.AsymmetricKeyParameter key;

        Bouncy(
                BcTlsCrypto crypto,
                ProtocolVersion[] versions,
                int[] suites,
                int[] groups,
                TlsCertificate certificate,
                org.bouncycastle.crypto.params.AsymmetricKeyParameter key) {
            super(crypto);
            this.versions = versions;
            this.suites = suites;
            this.groups = groups;
            this.certificate = certificate;
            this.key = key;
        }

        @Override
        protected ProtocolVersion[] getSupportedVersions() {
            return versions;
        }

        @Override
        protected int[] getSupportedCipherSuites() {
            return suites;
        }

        @Override
        public int[] getSupportedGroups() {
            return groups;
        }

        @Override
        protected int selectECDH(int minimumCurveBits) {
            int[] offered = context.getSecurityParametersHandshake().getClientSupportedGroups();
            for (int group : groups) {
                if (NamedGroup.refersToASpecificCurve(group) && (offered == null || Arrays.contains(offered, group))) {
                    return group;
                }
            }
            return -1;
        }

        @Override
        @SuppressWarnings("JdkObsolete") // the library's own choice
        protected Vector<ProtocolName> getProtocolNames() {
            return new Vector<>(List.of(ProtocolName.HTTP_1_1));
        }

        @Override
        public TlsCredentials getCredentials() throws IOException {
            var ecdsa = SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa);
            Certificate chain = TlsUtils.isTLSv13(context)
                    ? new Certificate(
                            TlsUtils.EMPTY_BYTES, new CertificateEntry[] {new CertificateEntry(certificate, null)})
                    : new Certificate(new TlsCertificate[] {certificate});
            return new BcDefaultTlsCredentialedSigner(
                    new TlsCryptoParameters(context),
                    (BcTlsCrypto) getCrypto(),
                    key,
                    chain,
                    TlsUtils.isSignatureAlgorithmsExtensionAllowed(context.getServerVersion()) ? ecdsa : null);
        }
    }

    private static void boringssl(int port, Path directory, String[] versions, String[] groups) throws Exception {
        SslContext context = SslContextBuilder.forServer(
                        directory.resolve("cert.pem").toFile(),
                        directory.resolve("key.pem").toFile())
                .sslProvider(SslProvider.OPENSSL)
                .protocols(versions)
                .option(OpenSslContextOption.GROUPS, groups)
                .build();
        new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(context.newHandler(channel.alloc()));
                    }
                })
                .bind(InetAddress.getLoopbackAddress(), port)
                .sync()
                .channel()
                .closeFuture()
                .sync();
    }
}
