package io.tlsfleet.scanner.cli;

import io.tlsfleet.tls.x509.CertificateFacts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The chains that files hold together: a leaf in one and its intermediates in others are one chain, as a server would
 * send them. What issued nothing that was named stays by itself.
 */
final class FileChains {
    private FileChains() {}

    /** A chain, leaf first, and the file or files that it stands in. */
    record Named(String source, List<byte[]> chain) {}

    private record Piece(Named named, List<CertificateFacts> certificates) {
        static Piece of(Named named) {
            return new Piece(
                    named, named.chain().stream().map(CertificateFacts::read).toList());
        }

        boolean issuedBy(Piece other) {
            CertificateFacts issuer = other.certificates.getFirst();
            return !equals(other)
                    && !certificates.contains(issuer)
                    && certificates.stream().anyMatch(certificate -> certificate.signedBy(issuer));
        }
    }

    static List<Named> joined(List<Named> files) {
        List<Piece> pieces = files.stream().map(Piece::of).toList();
        List<List<Piece>> joined = new ArrayList<>();
        Set<Piece> used = new LinkedHashSet<>();
        for (Piece piece : pieces) {
            if (pieces.stream().noneMatch(other -> other.issuedBy(piece))) {
                joined.add(upwards(piece, pieces, used));
            }
        }
        // issuers of each other, which no leaf led to
        for (Piece piece : pieces) {
            if (!used.contains(piece)) {
                joined.add(upwards(piece, pieces, used));
            }
        }
        return joined.stream().map(FileChains::named).toList();
    }

    private static List<Piece> upwards(Piece leaf, List<Piece> pieces, Set<Piece> used) {
        List<Piece> chain = new ArrayList<>(List.of(leaf));
        for (int i = 0; i < chain.size(); i++) {
            Piece child = chain.get(i);
            pieces.stream()
                    .filter(other -> !chain.contains(other) && child.issuedBy(other))
                    .forEach(chain::add);
        }
        used.addAll(chain);
        return chain;
    }

    private static Named named(List<Piece> pieces) {
        Set<String> sources = new LinkedHashSet<>();
        List<byte[]> chain = new ArrayList<>();
        pieces.forEach(piece -> {
            sources.add(piece.named.source());
            chain.addAll(piece.named.chain());
        });
        return new Named(String.join(" + ", sources), List.copyOf(chain));
    }
}
