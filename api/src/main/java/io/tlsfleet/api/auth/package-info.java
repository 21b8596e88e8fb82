/**
 * Who asks, and what they may. A header or a cookie comes in, a principal or a refusal goes out. Tokens are kept only
 * as SHA-256; nothing here knows HTTP routes.
 */
@NullMarked
package io.tlsfleet.api.auth;

import org.jspecify.annotations.NullMarked;
