@NullMarked
package io.tlsfleet.api.http;

import org.jspecify.annotations.NullMarked;
