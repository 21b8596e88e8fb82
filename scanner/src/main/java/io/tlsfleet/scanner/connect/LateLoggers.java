package io.tlsfleet.scanner.connect;

import io.netty.util.internal.logging.InternalLogLevel;
import io.netty.util.internal.logging.InternalLogger;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.Slf4JLoggerFactory;
import java.lang.reflect.Proxy;

/**
 * Netty's loggers, made when there is something to say, which in most scans there is not: the way to them leads through every jar of
 * the class path. Below a warning they are silent.
 */
final class LateLoggers extends InternalLoggerFactory {
    @Override
    protected InternalLogger newInstance(String name) {
        return (InternalLogger) Proxy.newProxyInstance(
                LateLoggers.class.getClassLoader(),
                new Class<?>[] {InternalLogger.class},
                (self, method, args) -> switch (method.getName()) {
                    case "name", "toString" -> name;
                    case "hashCode" -> name.hashCode();
                    case "warn", "error", "log" -> method.invoke(slf4j().newInstance(name), args);
                    case "isWarnEnabled", "isErrorEnabled" -> true;
                    case "isEnabled" ->
                        args != null && InternalLogLevel.WARN.compareTo((InternalLogLevel) args[0]) <= 0;
                    default -> method.getReturnType() == boolean.class ? false : null;
                });
    }

    private static Slf4JLoggerFactory slf4j() {
        return (Slf4JLoggerFactory) Slf4JLoggerFactory.INSTANCE;
    }
}
