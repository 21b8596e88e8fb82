package io.tlsfleet.scanner.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** UTF-8 for reports; unlike other writers it can say why they did not arrive. */
public final class Output extends PrintWriter {
    private static final String READER_GONE = "Broken pipe";

    private final Kept stream;

    public Output(OutputStream to, boolean flushesLines) {
        this(new Kept(to), flushesLines);
    }

    private Output(Kept stream, boolean flushesLines) {
        super(new OutputStreamWriter(stream, StandardCharsets.UTF_8), flushesLines);
        this.stream = stream;
    }

    /** The first failure in the system's words, of what was written so far. */
    public Optional<String> fault() {
        checkError();
        return Optional.ofNullable(stream.fault).map(fault -> String.valueOf(fault.getMessage()));
    }

    /** Whoever has read enough has closed the pipe: no news to anybody. */
    public boolean readerIsGone() {
        return fault().filter(READER_GONE::equals).isPresent();
    }

    private static final class Kept extends FilterOutputStream {
        private volatile @Nullable IOException fault;

        Kept(OutputStream to) {
            super(to);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            kept(() -> out.write(bytes, from, length));
        }

        @Override
        public void flush() throws IOException {
            kept(out::flush);
        }

        private void kept(Step step) throws IOException {
            try {
                step.run();
            } catch (IOException e) {
                fault = fault == null ? e : fault;
                throw e;
            }
        }

        private interface Step {
            void run() throws IOException;
        }
    }
}
