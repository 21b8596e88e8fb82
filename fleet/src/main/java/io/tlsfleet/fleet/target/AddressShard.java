package io.tlsfleet.fleet.target;

import java.net.InetAddress;

/**
 * The part of the address space that an address lies in: its /24 or /48, hashed. One worker of a site dials into a shard at a
 * time, so that what it counts there is all that happens there. 0 is no shard: where an endpoint lies is not known yet.
 */
public final class AddressShard {
    public static final int COUNT = 4096;
    public static final int UNKNOWN = 0;

    private AddressShard() {}

    /** From 1 to {@link #COUNT}. */
    public static int of(InetAddress address) {
        byte[] bytes = address.getAddress();
        int network = 0;
        for (int i = 0; i < (bytes.length == 4 ? 3 : 6); i++) {
            network = Integer.rotateLeft(network, 8) ^ bytes[i] & 0xFF;
        }
        int hash = network * 0x9E3779B1;
        int mixed = (hash ^ hash >>> 16) * 0x85EBCA6B; // as MurmurHash ends: neighbours come far apart
        mixed = (mixed ^ mixed >>> 13) * 0xC2B2AE35;
        mixed ^= mixed >>> 16;
        return 1 + (mixed >>> 1) % COUNT;
    }
}
