package io.tlsfleet.api.notify;

import io.netty.handler.ssl.NotSslRecordException;
import java.net.UnknownHostException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import javax.net.ssl.SSLException;

/** Why nothing came back from whom the server asked, in an operator's words: one line. */
public final class Unanswered {
    private Unanswered() {}

    public static String words(Throwable fault) {
        List<Throwable> chain = new ArrayList<>();
        for (Throwable e = fault; e != null && !chain.contains(e); e = e.getCause()) {
            chain.add(e);
        }
        Collections.reverse(chain); // the cause says most
        for (Throwable e : chain) {
            switch (e) {
                case CertificateExpiredException _ -> {
                    return "TLS: its certificate has expired (" + said(e) + ")";
                }
                case CertificateNotYetValidException _ -> {
                    return "TLS: its certificate is not valid yet (" + said(e) + ")";
                }
                case CertPathBuilderException _ -> {
                    return "TLS: its certificate stands on no certification authority known here; --outgoing-ca FILE of the server adds one of yours";
                }
                case CertPathValidatorException _, CertificateException _ -> {
                    return "TLS: its certificate is refused: " + said(e);
                }
                case NotSslRecordException _ -> {
                    return "TLS: what answers there is no TLS";
                }
                case SSLException _ -> {
                    return "TLS: " + said(e);
                }
                case UnknownHostException _ -> {
                    return said(e).replaceFirst(":.*", "") + " has no address";
                }
                default -> {}
            }
        }
        return said(fault);
    }

    private static String said(Throwable e) {
        String name = e.getClass().getSimpleName();
        return e.getMessage() == null
                ? name
                : e.getMessage().lines().findFirst().orElse(name);
    }
}
