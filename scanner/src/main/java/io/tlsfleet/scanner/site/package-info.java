/**
 * A site without a database: leases come and results go over HTTPS, from and to the API, with the site's token. What the API
 * cannot take now is kept on disk. The worker does not know the difference.
 */
@NullMarked
package io.tlsfleet.scanner.site;

import org.jspecify.annotations.NullMarked;
