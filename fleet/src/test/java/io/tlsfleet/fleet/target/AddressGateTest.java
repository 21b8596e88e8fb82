package io.tlsfleet.fleet.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGateTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.255.255.254",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.1.1",
                "100.64.0.1",
                "100.127.255.255",
                "0.0.0.0",
                "0.1.2.3",
                "192.0.0.8",
                "192.0.2.7",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::10.1.2.3",
                "64:ff9b:1::1",
                "2002:7f00:1::",
                "2002:a00:1::",
                "2002:c0a8:101::1",
                "100::1",
                "2001::1",
                "2001:db8::1",
                "3fff::1",
                "5f00::1",
                "fc00::1",
                "fd12:3456::1",
                "fe80::1",
                "fec0::1",
                "ff02::1"
            })
    void keepsTheInternetSiteOffSpecialRanges(String address) throws Exception {
        assertThat(AddressGate.internet().objection(InetAddress.getByName(address)))
                .as(address)
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "172.15.255.255",
                "172.32.0.1",
                "100.63.255.255",
                "100.128.0.1",
                "192.0.1.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:4700::1111",
                "2a00:1450::1",
                "64:ff9b::8.8.8.8",
                "2002:808:808::1"
            })
    void letsTheInternetSiteReachPublicAddresses(String address) throws Exception {
        assertThat(AddressGate.internet().objection(InetAddress.getByName(address)))
                .as(address)
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "100.100.100.200",
                "fd00:ec2::254",
                "::ffff:169.254.169.254",
                "64:ff9b::a9fe:a9fe",
                "2002:a9fe:a9fe::",
                "169.254.170.2",
                "168.63.129.16",
                "192.0.0.192",
                "::169.254.169.254",
                "224.0.0.1",
                "ff02::1"
            })
    void keepsEverySiteOffMetadataAndMulticast(String address) throws Exception {
        InetAddress resolved = InetAddress.getByName(address);
        assertThat(AddressGate.local().objection(resolved)).as(address).isPresent();
        assertThat(AddressGate.internet().objection(resolved)).as(address).isPresent();
        assertThat(AddressGate.internet()
                        .allowing(List.of(AddressRange.parse("0.0.0.0/0"), AddressRange.parse("::/0")))
                        .objection(resolved))
                .as("a wide allowance does not name %s", address)
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "10.2.3.4", "192.168.0.9", "fd12::1", "8.8.8.8", "169.254.7.7"})
    void letsTheLocalSiteReachLoopbackAndPrivateRanges(String address) throws Exception {
        assertThat(AddressGate.local().objection(InetAddress.getByName(address)))
                .isEmpty();
    }

    @Test
    void letsANamedRangePassAndADeniedOneNot() throws Exception {
        AddressGate gate = AddressGate.internet()
                .allowing(List.of(AddressRange.parse("10.1.0.0/16"), AddressRange.parse("169.254.169.254")))
                .denying(List.of(AddressRange.parse("10.1.2.0/24"), AddressRange.parse("9.9.9.9")));
        assertThat(gate.allows(InetAddress.getByName("10.1.1.1"))).isTrue();
        assertThat(gate.allows(InetAddress.getByName("::ffff:10.1.1.1"))).isTrue();
        assertThat(gate.allows(InetAddress.getByName("10.2.1.1"))).isFalse();
        assertThat(gate.allows(InetAddress.getByName("169.254.169.254"))).isTrue();
        assertThat(gate.objection(InetAddress.getByName("10.1.2.3")))
                .hasValueSatisfying(why -> assertThat(why).contains("10.1.2.3", "10.1.2.0/24"));
        assertThat(gate.allows(InetAddress.getByName("9.9.9.9"))).isFalse();
    }

    @Test
    void readsRangesWithOddLengths() throws Exception {
        AddressRange range = AddressRange.parse("192.0.2.128/26");
        assertThat(range.contains(InetAddress.getByName("192.0.2.191").getAddress()))
                .isTrue();
        assertThat(range.contains(InetAddress.getByName("192.0.2.192").getAddress()))
                .isFalse();
        assertThat(range).hasToString("192.0.2.128/26");
    }
}
