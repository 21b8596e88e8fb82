package io.tlsfleet.fleet.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AddressShardTest {
    @Test
    void isOneForANetworkAndSpreadOverMany() throws UnknownHostException {
        Map<Integer, Integer> networks = new HashMap<>();
        for (int a = 0; a < 40; a++) {
            for (int b = 0; b < 256; b++) {
                int first = AddressShard.of(address(10, a, b, 1));
                assertThat(first).isBetween(1, AddressShard.COUNT).isEqualTo(AddressShard.of(address(10, a, b, 254)));
                networks.merge(first, 1, Integer::sum);
            }
        }
        assertThat(networks).as("of 10240 networks").hasSizeGreaterThan(AddressShard.COUNT / 2);
        assertThat(networks.values()).allMatch(count -> count < 40);
    }

    @Test
    void takesSixBytesOfAnIpv6Address() throws UnknownHostException {
        int shard = AddressShard.of(InetAddress.getByName("2001:db8:1::1"));
        assertThat(shard).isEqualTo(AddressShard.of(InetAddress.getByName("2001:db8:1:ffff::2")));
        assertThat(shard).isNotEqualTo(AddressShard.of(InetAddress.getByName("2001:db8:2::1")));
    }

    private static InetAddress address(int... bytes) throws UnknownHostException {
        byte[] address = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            address[i] = (byte) bytes[i];
        }
        return InetAddress.getByAddress(address);
    }
}
