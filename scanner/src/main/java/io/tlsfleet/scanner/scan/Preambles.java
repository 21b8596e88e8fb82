package io.tlsfleet.scanner.scan;

import io.tlsfleet.scanner.connect.Connector;
import io.tlsfleet.scanner.connect.Connector.Opened;
import io.tlsfleet.scanner.connect.Limits;
import io.tlsfleet.scanner.starttls.NoPreamble;
import io.tlsfleet.scanner.starttls.Starttls;
import io.tlsfleet.scanner.starttls.Upgrade;
import io.tlsfleet.tls.exchange.Conversation;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/** Opens one endpoint's connections up to where TLS may begin. */
record Preambles(Connector connector, Question question) {
    /** Whether something is said before TLS. */
    boolean areSpoken() {
        return question.starttls() != null;
    }

    /** As the targets spell it. */
    String protocol() {
        return Objects.requireNonNull(question.starttls());
    }

    CompletableFuture<Opened<Upgrade>> open(Limits limits) {
        return open(areSpoken() ? Starttls.with(protocol(), name()) : new NoPreamble(), limits);
    }

    /** See {@link Starttls#injecting}. */
    CompletableFuture<Opened<Upgrade>> injecting(byte[] injected, Limits limits) {
        return open(Starttls.injecting(protocol(), name(), injected), limits);
    }

    private CompletableFuture<Opened<Upgrade>> open(Conversation<Upgrade> preamble, Limits limits) {
        return connector.open(question.destination(), preamble, end -> end instanceof Upgrade.Consent, limits);
    }

    private String name() {
        return question.serverName() == null ? question.host() : question.serverName();
    }
}
