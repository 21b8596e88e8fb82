package io.tlsfleet.scanner.worker;

import io.tlsfleet.fleet.lease.Lease;
import io.tlsfleet.fleet.observation.Observation;
import java.util.List;

/** One lease's work: an observation for each address of the endpoint that was scanned. */
public interface EndpointScan {
    List<Observation> scan(Lease lease) throws InterruptedException, NotNow;
}
