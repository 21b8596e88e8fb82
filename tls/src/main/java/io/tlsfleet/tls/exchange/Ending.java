package io.tlsfleet.tls.exchange;

/** How a connection came to its end. Only {@link #FINISHED} is our own doing. */
public enum Ending {
    /** The conversation had what it wanted. */
    FINISHED,
    /** The peer closed in order (FIN). */
    CLOSED,
    /** The peer reset the connection. */
    RESET,
    /** No byte came within the read timeout. */
    READ_TIMEOUT,
    /** The absolute limit of time for this connection was reached while bytes still came. */
    DEADLINE,
    /** The peer sent more bytes or records than a connection may. */
    TOO_MUCH
}
