import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.util.HexFormat;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;

/**
 * Lets Avro Java read records. Each line of standard input is a JSON object with a writer's and a reader's schema and
 * records of the writer's, in hexadecimal; each line of output is a JSON array: for each record what it is when it is
 * written again with the reader's schema, or "error" and why it cannot be read.
 */
public class Resolve {
  static String resolve(Schema writer, Schema reader, String datum) {
    try {
      var decoder = DecoderFactory.get().binaryDecoder(HexFormat.of().parseHex(datum), null);
      Object value = new GenericDatumReader<Object>(writer, reader).read(null, decoder);
      var out = new ByteArrayOutputStream();
      var encoder = EncoderFactory.get().binaryEncoder(out, null);
      new GenericDatumWriter<Object>(reader).write(value, encoder);
      encoder.flush();
      return HexFormat.of().formatHex(out.toByteArray());
    } catch (Throwable error) {
      return "error " + error;
    }
  }

  public static void main(String[] arguments) throws Exception {
    var mapper = new ObjectMapper();
    var in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    var out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, "UTF-8");
    String line;
    while ((line = in.readLine()) != null) {
      JsonNode question = mapper.readTree(line);
      Schema writer = new Schema.Parser().parse(question.get("writer").toString());
      Schema reader = new Schema.Parser().parse(question.get("reader").toString());
      var answers = mapper.createArrayNode();
      question.get("data").forEach(datum -> answers.add(resolve(writer, reader, datum.textValue())));
      out.println(mapper.writeValueAsString(answers));
    }
    out.flush();
  }
}
