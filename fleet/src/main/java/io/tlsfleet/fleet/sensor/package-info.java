/**
 * What other people's sensors have already seen: log lines of Suricata, Zeek, HAProxy and nginx in, fingerprints of
 * clients by endpoint and day out. A client's address is read past and never kept.
 */
@NullMarked
package io.tlsfleet.fleet.sensor;

import org.jspecify.annotations.NullMarked;
