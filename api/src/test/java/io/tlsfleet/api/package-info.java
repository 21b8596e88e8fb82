@NullMarked
package io.tlsfleet.api;

import org.jspecify.annotations.NullMarked;
