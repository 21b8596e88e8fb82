package io.tlsfleet.scanner.probe.deep;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.OpenSslCertificateCompressionAlgorithm;
import io.netty.handler.ssl.OpenSslCertificateCompressionConfig;
import io.netty.handler.ssl.OpenSslCertificateCompressionConfig.AlgorithmMode;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import javax.net.ssl.SSLEngine;

/**
 * BoringSSL through Netty, which compresses certificates with what it is given, or with its own zlib; ours is the real zlib, others
 * are bytes that nobody here undoes.
 */
final class BoringServer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel channel;

    BoringServer(Path directory, int... compressions) throws IOException {
        OpenSslCertificateCompressionConfig.Builder config = OpenSslCertificateCompressionConfig.newBuilder();
        for (int compression : compressions) {
            config.addAlgorithm(new Compression(compression), AlgorithmMode.Compress);
        }
        SslContextBuilder builder = SslContextBuilder.forServer(
                        directory.resolve("cert.pem").toFile(),
                        directory.resolve("key.pem").toFile())
                .sslProvider(SslProvider.OPENSSL)
                .protocols("TLSv1.3", "TLSv1.2");
        if (compressions.length > 0) {
            builder.option(OpenSslContextOption.CERTIFICATE_COMPRESSION_ALGORITHMS, config.build());
        }
        SslContext context = builder.build();
        channel = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast(context.newHandler(client.alloc()));
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .syncUninterruptibly()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }

    private record Compression(int algorithmId) implements OpenSslCertificateCompressionAlgorithm {
        @Override
        public byte[] compress(SSLEngine engine, byte[] certificate) throws IOException {
            if (algorithmId != 1) {
                return new byte[] {1, 2, 3};
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (DeflaterOutputStream zlib = new DeflaterOutputStream(out)) {
                zlib.write(certificate);
            }
            return out.toByteArray();
        }

        @Override
        public byte[] decompress(SSLEngine engine, int length, byte[] certificate) {
            throw new UnsupportedOperationException("a server that asks for no certificate");
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
