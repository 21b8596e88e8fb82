/**
 * Where inventories already are: configurations of Prometheus, a Consul catalogue, a Kubernetes cluster, DNS zones. A file
 * or an HTTP API comes in, targets go out, each tagged with where it was found; what could not be read is named.
 */
@NullMarked
package io.tlsfleet.api.sources;

import org.jspecify.annotations.NullMarked;
