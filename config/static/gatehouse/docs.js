"use strict";
const place = document.getElementById("docs");
SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null, // Swagger's own would send the schema to another host
});
