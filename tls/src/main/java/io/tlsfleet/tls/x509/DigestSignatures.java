package io.tlsfleet.tls.x509;

import io.tlsfleet.tls.x509.Signatures.Result;
import java.io.IOException;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.Signer;
import org.bouncycastle.crypto.digests.Prehash;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.signers.DSADigestSigner;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.PSSSigner;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.crypto.util.PublicKeyFactory;
import org.jspecify.annotations.Nullable;

/** Signatures by RSA and elliptic curves over a message of which there is the digest alone. */
final class DigestSignatures {
    private DigestSignatures() {}

    /** As {@link Signatures#verify}. */
    static Result verify(AlgorithmId algorithm, PublicKeyFacts key, byte[] digest, byte[] signature) {
        Optional<Digest> hash = Signatures.digest(algorithm).flatMap(DigestSignatures::bouncyDigest);
        if (Signatures.refused(key) || hash.isEmpty()) {
            return Result.UNSUPPORTED;
        }
        Signatures.Scheme scheme = Signatures.SCHEMES.get(algorithm.oid());
        if (scheme != null
                && (!scheme.keys().equals(key.algorithm().oid()) || !Signatures.parametersFit(algorithm, scheme))) {
            return Result.BAD;
        }
        try {
            AsymmetricKeyParameter parameter = PublicKeyFactory.createKey(key.spki());
            Signer signer;
            if (parameter instanceof ECPublicKeyParameters && scheme != null) {
                signer = new DSADigestSigner(new ECDSASigner(), Prehash.forDigest(hash.get()));
            } else if (parameter instanceof RSAKeyParameters && scheme != null) {
                signer = new RSADigestSigner(
                        Prehash.forDigest(hash.get()), new ASN1ObjectIdentifier(oid(scheme.digest())));
            } else if (parameter instanceof RSAKeyParameters) {
                PSSParameterSpec pss = Signatures.pss(algorithm).orElseThrow();
                Optional<Digest> mask = pss.getMGFParameters() instanceof MGF1ParameterSpec mgf
                        ? bouncyDigest(mgf.getDigestAlgorithm())
                        : Optional.empty();
                if (mask.isEmpty()) {
                    return Result.UNSUPPORTED;
                }
                signer = PSSSigner.createRawSigner(
                        new RSAEngine(), hash.get(), mask.get(), pss.getSaltLength(), PSSSigner.TRAILER_IMPLICIT);
            } else {
                return Result.UNSUPPORTED;
            }
            signer.init(false, parameter);
            signer.update(digest, 0, digest.length);
            return signer.verifySignature(signature) ? Result.GOOD : Result.BAD;
        } catch (IOException | RuntimeException e) {
            return Result.UNSUPPORTED;
        }
    }

    private static Optional<Digest> bouncyDigest(String name) {
        return switch (name) {
            case "SHA-1" -> Optional.of(new SHA1Digest());
            case "SHA-256" -> Optional.of(new SHA256Digest());
            case "SHA-384" -> Optional.of(new SHA384Digest());
            case "SHA-512" -> Optional.of(new SHA512Digest());
            default -> Optional.empty();
        };
    }

    private static String oid(@Nullable String digest) {
        return Signatures.HASHES.entrySet().stream()
                .filter(hash -> hash.getValue().equals(digest))
                .findFirst()
                .orElseThrow()
                .getKey();
    }
}
