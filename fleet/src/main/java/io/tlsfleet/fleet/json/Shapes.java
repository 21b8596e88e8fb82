package io.tlsfleet.fleet.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.deser.std.UntypedObjectDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.tlsfleet.fleet.observation.FactState;
import io.tlsfleet.fleet.observation.Observation;
import io.tlsfleet.fleet.observation.Reason;
import io.tlsfleet.fleet.report.Finding;
import io.tlsfleet.fleet.report.Grade;
import io.tlsfleet.fleet.report.Report;
import io.tlsfleet.fleet.sensor.ClientProfile;
import io.tlsfleet.fleet.sensor.ClientSighting;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which null is absent. A null member is written as null, because "asked, and there is none" is an answer; the parts
 * named here are left out instead, because null means that nobody asked or that the member makes no sense there.
 */
final class Shapes extends SimpleModule {
    private static final long serialVersionUID = 1;

    @Override
    public void setupModule(SetupContext context) {
        super.setupModule(context);
        context.addBeanSerializerModifier(new Accessors());
        context.setMixInAnnotations(Observation.class, ObservationShape.class);
        context.setMixInAnnotations(Report.class, ReportShape.class);
        for (Class<?> type : List.of(
                Observation.Fingerprints.class,
                Observation.Timing.class,
                Observation.ClientAuthentication.class,
                Report.Judged.class,
                Report.Drift.class,
                Finding.class,
                ClientSighting.class,
                ClientProfile.class)) {

            context.setMixInAnnotations(type, AbsentWhenNull.class);
        }
        context.setMixInAnnotations(Observation.Resumption.class, ResumptionShape.class);
        context.setMixInAnnotations(Observation.Endpoint.class, EndpointShape.class);
        context.setMixInAnnotations(Observation.Scan.class, ScanShape.class);
        context.setMixInAnnotations(Observation.Coverage.class, CoverageShape.class);
        context.setMixInAnnotations(Observation.Groups.class, GroupsShape.class);
        context.setMixInAnnotations(Observation.Fingerprint.class, FingerprintShape.class);
        context.setMixInAnnotations(Observation.Http.class, HttpShape.class);
        context.setMixInAnnotations(Grade.class, GradeShape.class);
        context.setMixInAnnotations(Grade.MozillaLevel.class, AbsentWhenNull.class);
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    interface AbsentWhenNull {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    interface ObservationShape {
        @JsonProperty
        @JsonDeserialize(contentUsing = FeatureReader.class)
        @Nullable
        Map<String, Object> features();
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    interface ReportShape {
        @JsonProperty
        @JsonDeserialize(contentUsing = FeatureReader.class)
        @Nullable
        Map<String, Object> features();
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    interface ResumptionShape {
        @JsonProperty("TLSv1.2")
        Observation.Resumption.@Nullable Tls12 tls12();

        @JsonProperty("TLSv1.3")
        Observation.Resumption.@Nullable Tls13 tls13();
    }

    interface EndpointShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Integer addressPort();
    }

    interface ScanShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Reason reason();

        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String detail();
    }

    interface CoverageShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean inferred();
    }

    interface GroupsShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean prefersOfferedShare();

        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        Boolean helloRetryRequest();
    }

    interface FingerprintShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String text();
    }

    interface HttpShape {
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String redirect();
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
    @JsonSubTypes({@JsonSubTypes.Type(Grade.SslLabs.class), @JsonSubTypes.Type(Grade.MozillaLevel.class)})
    interface GradeShape {}

    /** A feature is a state, a number or a list of names; what is a state's word comes back as the state. */
    private static final class FeatureReader extends StdScalarDeserializer<Object> {
        private static final long serialVersionUID = 1;
        private static final UntypedObjectDeserializer PLAIN = new UntypedObjectDeserializer(null, null);

        FeatureReader() {
            super(Object.class);
        }

        @Override
        public @Nullable Object deserialize(JsonParser in, DeserializationContext context) throws IOException {
            Object value = PLAIN.deserialize(in, context);
            for (FactState state : FactState.values()) {
                if (state.word().equals(value)) {
                    return state;
                }
            }
            return value;
        }
    }
}
