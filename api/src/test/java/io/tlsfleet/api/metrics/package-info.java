@NullMarked
package io.tlsfleet.api.metrics;

import org.jspecify.annotations.NullMarked;
