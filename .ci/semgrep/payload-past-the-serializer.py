import json

from notifications import sending
from notifications.api import serializers


class Bad:
    def post(self, request):
        # ruleid: payload-past-the-serializer
        sending.send(to=request.data["to"])
        # ruleid: payload-past-the-serializer
        sending.send(to=request.data.get("to"))
        # ruleid: payload-past-the-serializer
        sending.send(**request.data)
        # ruleid: payload-past-the-serializer
        payload = request.data
        # ruleid: payload-past-the-serializer
        to = request.POST["to"]
        # ruleid: payload-past-the-serializer
        body = json.loads(request.body)
        # ruleid: payload-past-the-serializer
        also = json.load(request)
        # ruleid: payload-past-the-serializer
        raw = request._request.body
        # ruleid: payload-past-the-serializer
        page = request.query_params["page"]
        # ruleid: payload-past-the-serializer
        sending.send(data=request.data)
        return payload, to, body, also, raw, page

    def put(self, request):
        given = serializers.Email(data=request.data)
        # ruleid: unchecked-serializer
        given.is_valid()
        # ruleid: unchecked-serializer
        given.is_valid(raise_exception=False)
        # ruleid: payload-past-the-serializer
        sending.send(to=given.initial_data["to"])


class Good:
    def post(self, request):
        # ok: payload-past-the-serializer
        given = serializers.Email(data=request.data)
        # ok: unchecked-serializer
        given.is_valid(raise_exception=True)
        # ok: payload-past-the-serializer
        sending.send(**given.validated_data)
        # ok: payload-past-the-serializer
        serializers.Page(data=request.query_params)
        # ok: payload-past-the-serializer
        return request.headers["Idempotency-Key"]

    def get(self, request, form):
        # ok: unchecked-serializer
        if form.is_valid():
            return form.cleaned_data
        return None
