/**
 * Hellos out of packet captures: pcap and pcapng files in, ClientHellos and ServerHellos out, each with the frame that
 * completed it. Knows link layers, IP, TCP with reordering, UDP with QUIC and DTLS; nothing of fingerprints.
 */
@NullMarked
package io.tlsfleet.scanner.capture;

import org.jspecify.annotations.NullMarked;
