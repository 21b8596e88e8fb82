package io.tlsfleet.scanner.scan;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.quic.InsecureQuicTokenHandler;
import io.netty.handler.codec.quic.QuicServerCodecBuilder;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicTokenHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Netty's QUIC server: quiche with BoringSSL. */
final class QuicServer implements AutoCloseable {
    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private QuicServer() {}

    /** Of every connection and stream. */
    @ChannelHandler.Sharable
    private static final class Idle extends ChannelInboundHandlerAdapter {}

    /** {@code retry}: makes every client prove its address first. */
    static QuicServer start(int port, Path directory, boolean retry, String... alpn) throws InterruptedException {
        QuicServer server = new QuicServer();
        QuicTokenHandler tokens = retry ? InsecureQuicTokenHandler.INSTANCE : null;
        ChannelHandler codec = builder(tokens)
                .sslContext(QuicSslContextBuilder.forServer(
                                directory.resolve("key.pem").toFile(),
                                null,
                                directory.resolve("cert.pem").toFile())
                        .applicationProtocols(alpn)
                        .build())
                .maxIdleTimeout(5, TimeUnit.SECONDS)
                .initialMaxData(1_000_000)
                .initialMaxStreamDataBidirectionalRemote(100_000)
                .initialMaxStreamsBidirectional(10)
                .handler(new Idle())
                .streamHandler(new Idle())
                .build();
        new Bootstrap()
                .group(server.group)
                .channel(NioDatagramChannel.class)
                .handler(codec)
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .sync();
        return server;
    }

    private static QuicServerCodecBuilder builder(@Nullable QuicTokenHandler tokens) {
        QuicServerCodecBuilder builder = new QuicServerCodecBuilder();
        return tokens == null ? builder : builder.tokenHandler(tokens);
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }
}
