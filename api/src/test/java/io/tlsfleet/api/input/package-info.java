@NullMarked
package io.tlsfleet.api.input;

import org.jspecify.annotations.NullMarked;
